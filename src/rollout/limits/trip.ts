import type { HostName } from '../../model/names.js';
import type { StopReason } from '../../model/runs/run.js';
import { nameOf } from '../state/host-run.js';
import type { RolloutState } from '../state/state.js';

/**
 * Whether failures exceed a tolerance. Failed hosts are a set: a host counts once, however often it
 * failed. Waves are judged before the run as a whole.
 */
export function judgeTrip(state: RolloutState): StopReason | null {
  const failedByWave = new Map<number, HostName[]>();
  for (const host of state.hosts.where('failed')) {
    const failed = failedByWave.get(host.plan.wave) ?? [];
    failed.push(nameOf(host));
    failedByWave.set(host.plan.wave, failed);
  }
  for (const [wave, failed] of [...failedByWave].sort(([a], [b]) => a - b)) {
    const tolerated = state.plan.limits.tolerateWave[wave] ?? 0;
    if (failed.length > tolerated) return { kind: 'tripped', wave, failed, limit: 'wave' };
  }
  const all = [...failedByWave.values()].flat();
  if (all.length <= state.plan.limits.tolerateRun) return null;
  return { kind: 'tripped', wave: currentWave(state), failed: all, limit: 'run' };
}

/** The current wave; 0 before the first. */
function currentWave(state: RolloutState): number {
  return 'wave' in state.activity ? state.activity.wave : 0;
}
