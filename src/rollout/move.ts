import { askForClaims } from './claims.js';
import { afterStopping, pumpFinish, pumpUndo } from './ending.js';
import { pumpGate } from './gating.js';
import { type HostRun, nameOf } from './state.js';
import { judgeTrip } from './trip.js';
import type { Turn } from './turn.js';
import { beginWave, nextWave, openGate, pumpWave } from './wave.js';

/** Takes the run one activity further, or starts what the present one allows. */
export function moveOn(turn: Turn): void {
  const { activity } = turn.state;
  const trip = activity.kind === 'claiming' ? null : judgeTrip(turn.state);
  if (trip !== null) turn.stop(trip);
  switch (turn.state.activity.kind) {
    case 'claiming':
      return afterClaiming(turn);
    case 'staging':
      return afterStaging(turn);
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
function afterClaiming(turn: Turn): void {
  if (turn.state.hosts.some((host) => host.stage === 'claiming')) return;
  const refused = turn.state.hosts.filter((host) => host.failed).map(nameOf);
  if (refused.length > 0) return turn.stop({ kind: 'claim-refused', hosts: refused });
  const unasked = turn.state.hosts.filter((host) => !host.claimed).map(nameOf);
  if (unasked.length > 0) return askForClaims(turn, unasked);
  const uploads = turn.state.hosts.filter(needsRelease).map(nameOf);
  if (uploads.length === 0) return afterReadying(turn);
  turn.become({ kind: 'staging' }, uploads);
  for (const host of uploads) {
    turn.enter(host, 'staging');
    turn.effects.push({ kind: 'stage', host });
  }
}

const needsRelease = ({ plan }: HostRun): boolean => plan.upload && !plan.done;

function afterStaging(turn: Turn): void {
  if (turn.state.hosts.every((host) => host.stage !== 'staging')) afterReadying(turn);
}

/** A run that another controller began goes on behind a gate of its own. */
function afterReadying(turn: Turn): void {
  const next = nextWave(turn.state);
  if (turn.state.hosts.some((host) => host.plan.done)) openGate(turn, next, next);
  else beginWave(turn, next);
}
