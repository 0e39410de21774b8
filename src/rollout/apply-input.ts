import type { HostFailure } from '../errors/host-failure.js';
import type { HostName } from '../model/names.js';
import { askForClaims, firstToClaim } from './claims.js';
import { isFenced } from './fencing.js';
import { noteHooked } from './hooks/run-hooks.js';
import { decideFailed } from './limits/failure-policy.js';
import { notePause, personIn } from './pausing.js';
import type { Effect } from './state/effect.js';
import type { ProbeReading, RunInput, StepResult } from './state/input.js';
import type { TransitionBuilder } from './state/transition.js';
import { isAloneBeforeEnd, openGate, startSwitch } from './wave.js';

/** Records an input on the host that it is about. `advancePhase` decides what follows from it. */
export function applyInput(turn: TransitionBuilder, input: RunInput): void {
  note(turn, input);
  if (!('result' in input) || input.host === null || input.result.kind === 'lost') return;
  const { stop } = input.result;
  if (stop === undefined) return;
  const { wave } = turn.host(input.host).plan;
  turn.stop({ kind: 'hook-failed', wave, hosts: [input.host], ...stop });
}

function note(turn: TransitionBuilder, input: RunInput): void {
  switch (input.kind) {
    case 'begin':
      return begin(turn);
    case 'claimed':
    case 'staged':
      return noteReadied(turn, input);
    case 'prepared':
      return notePrepared(turn, input.host, input.result);
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
    case 'hooked':
      return noteHooked(turn, input);
    case 'elapsed':
      return noteElapsed(turn);
    case 'interrupt':
      return turn.stop({
        kind: 'interrupted',
        ...(input.by === undefined ? {} : personIn({ ...input, by: input.by })),
      });
    case 'pause':
    case 'resume':
    case 'suspend':
      return notePause(turn, input);
    case 'fenced':
      return turn.fence(input.host, input.failure);
  }
}

function begin(turn: TransitionBuilder): void {
  turn.become(
    { kind: 'claiming' },
    turn.state.plan.hosts.map(({ host }) => host.name),
  );
  askForClaims(turn, firstToClaim(turn.state));
}

/** A lost answer leaves the host untouched here: only an activation moves `current`. */
function noteReadied(
  turn: TransitionBuilder,
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

/** A missing reading is not a failure, unless the claim was lost. */
function noteProbed(turn: TransitionBuilder, host: HostName, reading: ProbeReading): void {
  turn.change(host, { probe: reading });
  if (reading.kind === 'unknown' && isFenced(reading.failure)) turn.fence(host, reading.failure);
}

/**
 * Nothing has moved yet, so a host that failed, or did not answer, is as it was before. After a stop no
 * host is activated, also if it is prepared.
 */
function notePrepared(turn: TransitionBuilder, host: HostName, result: StepResult): void {
  if (result.kind !== 'ok') {
    if (isFenced(result.failure)) return turn.fence(host, result.failure);
    return turn.fail(host, 'failed', result.failure);
  }
  if (turn.state.stop === null) startSwitch(turn, host);
  else turn.enter(host, turn.host(host).plan.upload ? 'staged' : 'claimed');
}

function noteSwitched(turn: TransitionBuilder, host: HostName, result: StepResult): void {
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

/** Nothing was started there, so there is nothing to roll back, as after a failed upload. */
function noteUntouched(turn: TransitionBuilder, host: HostName, failure: HostFailure): void {
  turn.change(host, { touched: false });
  turn.fail(host, 'failed', failure);
}

/** A refused confirmation is a failed activation: the host's transaction is not the expected one. */
function noteConfirmed(
  turn: TransitionBuilder,
  { host, result, probe }: Extract<RunInput, { kind: 'confirmed' }>,
): void {
  if (result.kind !== 'ok') return noteSwitched(turn, host, result);
  turn.enter(host, 'done', { probe: probe ?? null });
  if (probe !== undefined) turn.probed = host;
}

/** The probe of the last gate goes in the same call if it is about this host alone: one round trip less. */
function confirmation({ state }: TransitionBuilder, host: HostName): Effect {
  return isAloneBeforeEnd(state)
    ? { kind: 'confirm', host, probe: true }
    : { kind: 'confirm', host };
}

function noteReverted(turn: TransitionBuilder, host: HostName, result: StepResult): void {
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

/** The wait of a bake or of an inconclusive gate is over. After a stop, the end of a wait is ignored. */
function noteElapsed(turn: TransitionBuilder): void {
  const { activity } = turn.state;
  if (activity.kind === 'baking') {
    openGate(turn, activity.wave, activity.wave + 1);
  } else if (activity.kind === 'gate-waiting') {
    turn.become({ ...activity, kind: 'gate', asked: false });
  }
}
