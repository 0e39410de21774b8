import type { HostPlan, Plan } from '../../model/runs/plan.js';

/**
 * The waves of a resumed run, over the hosts that are left. Hosts that went out of service since the
 * plan was made are a wave of their own, before all others, as in a new plan.
 */
export function outFirst(plan: Plan): Plan {
  const { hosts, waves, approvals, limits } = plan;
  const isLeft = ({ done }: HostPlan): boolean => !done;
  const isOut = (host: HostPlan): boolean => isLeft(host) && host.condition.kind === 'out';
  const next = Math.min(...hosts.filter(isLeft).map(({ wave }) => wave));
  // If all of them are in the next wave, they come first in it anyway.
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
