import type { HostPlan, Plan } from '../../model/runs/plan.js';

/**
 * The waves of a run that goes on, of the hosts that it still has. What went out of service since it
 * was planned is a wave of its own, before every host that is left, as in a new plan.
 */
export function outFirst(plan: Plan): Plan {
  const { hosts, waves, approvals, limits } = plan;
  const isLeft = ({ done }: HostPlan): boolean => !done;
  const isOut = (host: HostPlan): boolean => isLeft(host) && host.condition.kind === 'out';
  const next = Math.min(...hosts.filter(isLeft).map(({ wave }) => wave));
  // Those of the next wave come first in it anyway, unless others are with them.
  const isMixed = hosts.some((host) => isLeft(host) && !isOut(host));
  const moves = isMixed && hosts.some(isOut);
  const waveOf = (host: HostPlan): number => {
    if (!moves || host.wave < next) return host.wave;
    if (host.wave === next && host.done) return host.wave;
    return isOut(host) ? next : host.wave + 1;
  };
  const placed = hosts.map((host) => ({ ...host, wave: waveOf(host) }));
  const count = waves.length + (moves ? 1 : 0);
  return {
    ...plan,
    hosts: placed.toSorted((a, b) => a.wave - b.wave),
    waves: Array.from({ length: count }, (_, wave) =>
      placed.filter((host) => host.wave === wave).map(({ host }) => host.name),
    ),
    approvals: moves ? approvals.map((wave) => (wave > next ? wave + 1 : wave)) : approvals,
    limits: {
      ...limits,
      tolerateWave: moves
        ? limits.tolerateWave.toSpliced(next, 0, limits.tolerateWave[next] ?? 0)
        : limits.tolerateWave,
    },
  };
}
