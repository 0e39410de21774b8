import type { HostName } from '../model/names.js';
import { askForClaims } from './claims.js';
import { afterStopping, closeRun, pumpFinish, pumpUndo } from './finish.js';
import { pumpGate } from './gating.js';
import { pumpHooks, startHooks } from './hooks/run-hooks.js';
import { judgeTrip } from './limits/trip.js';
import type { HookMoment } from './state/hook-moment.js';
import { type HostRun, nameOf } from './state/host-run.js';
import type { TransitionBuilder } from './state/transition.js';
import { beginBake, beginWave, nextWave, openGate, pumpWave } from './wave.js';

/** Moves the run to its next activity, or starts what the current one allows. */
export function advancePhase(turn: TransitionBuilder): void {
  const { activity } = turn.state;
  const exempt = turn.state.stop !== null || activity.kind === 'claiming';
  const trip = exempt ? null : judgeTrip(turn.state);
  if (trip !== null) turn.stop(trip);
  switch (turn.state.activity.kind) {
    case 'claiming':
      return afterClaiming(turn);
    case 'staging':
      return afterStaging(turn);
    case 'hooks': {
      const moment = turn.state.activity;
      return pumpHooks(turn, moment) ? undefined : goOnAfter(turn, moment);
    }
    case 'wave':
      return pumpWave(turn, turn.state.activity.wave);
    case 'gate':
      return pumpGate(turn, turn.state.activity);
    case 'stopping':
      return afterStopping(turn);
    case 'rolling-back':
      return pumpUndo(turn);
    case 'finalizing':
      return pumpFinish(turn);
    case 'planned':
    case 'paused':
    case 'baking':
    case 'gate-waiting':
    case 'ended':
      return;
  }
}

/**
 * All or nothing: one refused claim ends the run before anything is staged. The host with the lowest
 * machine-id is asked first and alone, so that of two runs for the same hosts one gets all of them.
 */
function afterClaiming(turn: TransitionBuilder): void {
  if (turn.state.hosts.count('claiming') > 0) return;
  const hosts = [...turn.state.hosts];
  const refused = hosts.filter((host) => host.failed).map(nameOf);
  if (refused.length > 0) return turn.stop({ kind: 'claim-refused', hosts: refused });
  const unasked = hosts.filter((host) => !host.claimed).map(nameOf);
  if (unasked.length > 0) return askForClaims(turn, unasked);
  const uploads = hosts.filter(needsRelease).map(nameOf);
  if (uploads.length === 0) return afterReadying(turn);
  if (startHooks(turn, { point: 'before_stage', per: 'run', wave: 0 })) return;
  stageAll(turn, uploads);
}

function stageAll(turn: TransitionBuilder, uploads: readonly HostName[]): void {
  turn.become({ kind: 'staging' }, uploads);
  for (const host of uploads) {
    turn.enter(host, 'staging');
    turn.effects.push({ kind: 'stage', host });
  }
}

const needsRelease = ({ plan }: HostRun): boolean => plan.upload && !plan.done;

function afterStaging(turn: TransitionBuilder): void {
  if (turn.state.hosts.count('staging') === 0) afterReadying(turn);
}

/** Every hook of the moment has run. */
function goOnAfter(turn: TransitionBuilder, { point, per, wave }: HookMoment): void {
  switch (point) {
    case 'before_stage':
      return afterClaiming(turn);
    case 'before_activate':
      return beginWave(turn, wave);
    case 'after_confirm':
      return per === 'wave' ? beginBake(turn, wave) : beginWave(turn, wave + 1);
    default:
      return closeRun(turn);
  }
}

/**
 * A run that another controller began continues behind a gate of its own. Hooks that it had still to run
 * after a wave come first.
 */
function afterReadying(turn: TransitionBuilder): void {
  const next = nextWave(turn.state);
  const earlier = turn.state.plan.waves.slice(0, next).map((_, wave) => wave);
  if (earlier.some((wave) => startHooks(turn, { point: 'after_confirm', per: 'wave', wave })))
    return;
  if (turn.state.plan.hosts.some((host) => host.done)) openGate(turn, next, next);
  else beginWave(turn, next);
}
