import type { Host } from './host.js';
import type { HostName } from './names.js';
import type { Policy, WavePolicy, WaveSize } from './policy.js';
import { sizeOf } from './size.js';

/**
 * Cuts a run's hosts into waves: increments, in plan order, the canary first. Percentages are of
 * all the hosts given. Every host is in exactly one wave; no wave is empty.
 */
export function cutWaves(
  hosts: readonly Host[],
  policy: WavePolicy,
): readonly (readonly HostName[])[] {
  switch (policy.kind) {
    case 'sizes':
      return cutBySizes(
        hosts.map((host) => host.name),
        policy.sizes,
      );
    case 'spread':
      return cutByLabel(hosts, policy);
  }
}

/** The waves, from 0, before which the policy wants a person's word; each has hosts. */
export function approvalsOf(policy: WavePolicy, waves: number): readonly number[] {
  if (policy.kind === 'spread') return [];
  return (policy.approvals ?? []).filter((wave) => wave < waves);
}

/** The policy's sizes, worked out for the hosts of one run; the canary wave tolerates none. */
export function limitsOf(
  policy: Policy,
  hosts: number,
  waves: number,
): {
  readonly maxUnavailable: number;
  readonly tolerateWave: readonly number[];
  readonly tolerateRun: number;
} {
  const tolerated = sizeOf(policy.tolerate.wave, hosts, { floor: 0 });
  return {
    maxUnavailable: sizeOf(policy.maxUnavailable, hosts, { floor: 1 }),
    tolerateWave: Array.from({ length: waves }, (_, wave) => (wave === 0 ? 0 : tolerated)),
    tolerateRun: sizeOf(policy.tolerate.run, hosts, { floor: 0 }),
  };
}

/** Whatever the sizes leave over goes into one more wave: no host is ever left out. */
function cutBySizes(names: readonly HostName[], sizes: readonly WaveSize[]): HostName[][] {
  const waves: HostName[][] = [];
  let taken = 0;
  for (const size of [...sizes, { kind: 'rest' } as const]) {
    const left = names.length - taken;
    const wanted = size.kind === 'rest' ? left : sizeOf(size, names.length, { floor: 1 });
    if (left > 0) waves.push(names.slice(taken, taken + wanted));
    taken += Math.min(wanted, left);
  }
  return waves;
}

/** Hosts without the label stand for one more value, so that they have a canary as well. */
function cutByLabel(
  hosts: readonly Host[],
  policy: { readonly canary: number; readonly per: string },
): HostName[][] {
  const seen = new Map<string | undefined, number>();
  const canaries: HostName[] = [];
  const rest: HostName[] = [];
  for (const host of hosts) {
    const value = Object.hasOwn(host.labels, policy.per) ? host.labels[policy.per] : undefined;
    const count = seen.get(value) ?? 0;
    seen.set(value, count + 1);
    (count < policy.canary ? canaries : rest).push(host.name);
  }
  return [canaries, rest].filter((wave) => wave.length > 0);
}
