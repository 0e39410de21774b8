import type { RunInput } from './state/input.js';
import type { TransitionBuilder } from './state/transition.js';
import { openGate } from './wave.js';

type PauseInput = Extract<RunInput, { kind: 'pause' | 'resume' | 'suspend' }>;

/**
 * What people ask of a run while it runs: pause, resume, suspend. A paused run continues behind a gate
 * of its own: what its hosts said before the pause no longer counts.
 */
export function notePause(turn: TransitionBuilder, input: PauseInput): void {
  const { activity } = turn.state;
  switch (input.kind) {
    case 'pause':
      if (turn.state.pause !== null || activity.kind === 'paused') return;
      turn.state = { ...turn.state, pause: input.by };
      turn.notices.push({ type: 'pause-asked', ...personIn(input) });
      return;
    case 'resume':
      turn.state = { ...turn.state, pause: null };
      if (activity.kind !== 'paused') return;
      turn.state = { ...turn.state, approved: new Set([...turn.state.approved, activity.wave]) };
      turn.notices.push({ type: 'resumed', ...personIn(input) });
      return openGate(turn, activity.wave, activity.wave);
    case 'suspend':
      if (activity.kind !== 'paused') return;
      turn.state = { ...turn.state, suspended: true };
      return turn.become({ kind: 'finalizing' });
  }
}

/** Who asks, and why if they said so. */
export function personIn<By extends string | undefined>(input: {
  readonly by: By;
  readonly reason?: string | undefined;
}) {
  const { by, reason } = input;
  return { by, ...(reason === undefined ? {} : { reason }) };
}
