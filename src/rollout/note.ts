import type { HostName } from '../model/names.js';
import type { RunInput, StepResult } from './input.js';
import { nameOf } from './state.js';
import type { Turn } from './turn.js';
import { decideFailed } from './undo.js';

/** Records what an input says, on the host it is about; what follows from it is `moveOn`'s. */
export function note(turn: Turn, input: RunInput): void {
  switch (input.kind) {
    case 'begin':
      return begin(turn);
    case 'claimed':
    case 'staged':
      return noteReadied(turn, input);
    case 'switched':
      return noteSwitched(turn, input.host, input.result);
    case 'confirmed':
      return noteConfirmed(turn, input.host, input.result);
    case 'reverted':
      return noteReverted(turn, input.host, input.result);
    case 'probed':
      return turn.change(input.host, { probe: input.reading });
    case 'finished':
      return turn.change(input.host, { final: input.reading });
    case 'elapsed':
      return noteElapsed(turn);
    case 'interrupt':
      return turn.stop({ kind: 'interrupted' });
  }
}

function begin(turn: Turn): void {
  const names = turn.state.hosts.map(nameOf);
  turn.become({ kind: 'claiming' }, names);
  for (const host of names) {
    turn.enter(host, 'claiming', { claimed: true });
    turn.effects.push({ kind: 'claim', host });
  }
}

/** A lost answer leaves a host untouched here: `current` moves only with a switch. */
function noteReadied(
  turn: Turn,
  input: {
    readonly kind: 'claimed' | 'staged';
    readonly host: HostName;
    readonly result: StepResult;
  },
): void {
  if (input.result.kind === 'ok') turn.enter(input.host, input.kind);
  else turn.fail(input.host, 'failed', input.result.failure);
}

function noteSwitched(turn: Turn, host: HostName, result: StepResult): void {
  switch (result.kind) {
    case 'ok':
      turn.enter(host, 'confirming');
      turn.effects.push({ kind: 'confirm', host });
      return;
    case 'failed':
      turn.fail(host, 'reverting', result.failure);
      turn.effects.push({ kind: 'revert', host, mode: decideFailed(turn.state) });
      return;
    case 'lost':
      return turn.fail(host, 'unknown', result.failure);
  }
}

/** A confirmation that the host refused is a failed switch: its transaction is not what we think. */
function noteConfirmed(turn: Turn, host: HostName, result: StepResult): void {
  if (result.kind === 'ok') turn.enter(host, 'done');
  else noteSwitched(turn, host, result);
}

function noteReverted(turn: Turn, host: HostName, result: StepResult): void {
  switch (result.kind) {
    case 'ok': {
      const held = turn.host(host).failed && decideFailed(turn.state) === 'hold';
      return turn.enter(host, held ? 'down' : 'reverted');
    }
    case 'failed':
      return turn.fail(host, 'down', result.failure);
    case 'lost':
      return turn.fail(host, 'unknown', result.failure);
  }
}

/** The wait of a bake or of an inconclusive gate is over; one that a stop has overtaken is not. */
function noteElapsed(turn: Turn): void {
  const { activity } = turn.state;
  if (activity.kind === 'baking') {
    const patienceMs = turn.state.plan.app.policy.onInconclusive.pauseMs;
    turn.become({ kind: 'gate', wave: activity.wave, patienceMs, asked: false });
  } else if (activity.kind === 'gate-waiting') {
    turn.become({ ...activity, kind: 'gate', asked: false });
  }
}
