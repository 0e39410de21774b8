import type { HostFailure } from '../errors/host-failure.js';
import type { HostName } from '../model/names.js';
import { askForClaims, firstToClaim } from './claims.js';
import type { Effect } from './effect.js';
import { isFenced } from './fencing.js';
import type { ProbeReading, RunInput, StepResult } from './input.js';
import { notePause } from './pausing.js';
import type { Turn } from './turn.js';
import { decideFailed } from './undo.js';
import { isAloneBeforeEnd, openGate } from './wave.js';

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
      return noteConfirmed(turn, input);
    case 'reverted':
      return noteReverted(turn, input.host, input.result);
    case 'probed':
      return noteProbed(turn, input.host, input.reading);
    case 'finished':
      return turn.change(input.host, { final: input.reading });
    case 'elapsed':
      return noteElapsed(turn);
    case 'interrupt':
      return turn.stop({
        kind: 'interrupted',
        ...(input.by === undefined ? {} : { by: input.by }),
      });
    case 'pause':
    case 'resume':
    case 'suspend':
      return notePause(turn, input);
    case 'fenced':
      return turn.fence(input.host, input.failure);
  }
}

function begin(turn: Turn): void {
  turn.become(
    { kind: 'claiming' },
    turn.state.plan.hosts.map(({ host }) => host.name),
  );
  askForClaims(turn, firstToClaim(turn.state));
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
  const { host, kind, result } = input;
  if (result.kind === 'ok') {
    return turn.enter(host, kind === 'claimed' && turn.host(host).plan.done ? 'done' : kind);
  }
  if (kind === 'staged' && isFenced(result.failure)) return turn.fence(host, result.failure);
  turn.fail(host, 'failed', result.failure);
}

/** No data is no verdict, unless it is for want of the claim. */
function noteProbed(turn: Turn, host: HostName, reading: ProbeReading): void {
  turn.change(host, { probe: reading });
  if (reading.kind === 'unknown' && isFenced(reading.failure)) turn.fence(host, reading.failure);
}

function noteSwitched(turn: Turn, host: HostName, result: StepResult): void {
  if (result.kind !== 'ok' && isFenced(result.failure)) return turn.fence(host, result.failure);
  switch (result.kind) {
    case 'ok':
      turn.enter(host, 'confirming');
      turn.effects.push(confirmation(turn, host));
      return;
    case 'failed':
      if (result.untouched === true) return noteUntouched(turn, host, result.failure);
      turn.fail(host, 'reverting', result.failure);
      turn.effects.push({ kind: 'revert', host, mode: decideFailed(turn.state) });
      return;
    case 'lost':
      return turn.fail(host, 'unknown', result.failure);
  }
}

/** Nothing was begun there, so there is nothing to go back from: as where staging failed. */
function noteUntouched(turn: Turn, host: HostName, failure: HostFailure): void {
  turn.change(host, { touched: false });
  turn.fail(host, 'failed', failure);
}

/** A confirmation that the host refused is a failed switch: its transaction is not what we think. */
function noteConfirmed(
  turn: Turn,
  { host, result, probe }: Extract<RunInput, { kind: 'confirmed' }>,
): void {
  if (result.kind !== 'ok') return noteSwitched(turn, host, result);
  turn.enter(host, 'done', { probe: probe ?? null });
  if (probe !== undefined) turn.probed = host;
}

/** The look of the last gate comes along where it is about this host alone, and saves a round trip. */
function confirmation({ state }: Turn, host: HostName): Effect {
  return isAloneBeforeEnd(state)
    ? { kind: 'confirm', host, probe: true }
    : { kind: 'confirm', host };
}

function noteReverted(turn: Turn, host: HostName, result: StepResult): void {
  if (result.kind !== 'ok' && isFenced(result.failure)) return turn.fence(host, result.failure);
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
    openGate(turn, activity.wave, activity.wave + 1);
  } else if (activity.kind === 'gate-waiting') {
    turn.become({ ...activity, kind: 'gate', asked: false });
  }
}
