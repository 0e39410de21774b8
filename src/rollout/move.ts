import { afterStopping, pumpFinish, pumpUndo } from './ending.js';
import { pumpGate } from './gating.js';
import { nameOf } from './state.js';
import { judgeTrip } from './trip.js';
import type { Turn } from './turn.js';
import { beginWave, pumpWave } from './wave.js';

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
    case 'baking':
    case 'gate-waiting':
    case 'ended':
      return;
  }
}

/** All or nothing: one refused claim ends the run before anything is staged. */
function afterClaiming(turn: Turn): void {
  if (turn.state.hosts.some((host) => host.stage === 'claiming')) return;
  const refused = turn.state.hosts.filter((host) => host.failed).map(nameOf);
  if (refused.length > 0) return turn.stop({ kind: 'claim-refused', hosts: refused });
  const uploads = turn.state.hosts.filter((host) => host.plan.upload).map(nameOf);
  if (uploads.length === 0) return beginWave(turn, 0);
  turn.become({ kind: 'staging' }, uploads);
  for (const host of uploads) {
    turn.enter(host, 'staging');
    turn.effects.push({ kind: 'stage', host });
  }
}

function afterStaging(turn: Turn): void {
  if (turn.state.hosts.every((host) => host.stage !== 'staging')) beginWave(turn, 0);
}
