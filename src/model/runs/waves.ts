import type { Host } from '../hosts/host.js';
import type { HostName } from '../names.js';
import type { Policy, WavePolicy, WaveSize } from './policy.js';
import { sizeOf } from './size.js';

/** A host to be put into a wave. */
export interface Candidate {
  readonly host: Host;
  /** True if it is out of service already: it goes before every host that serves. */
  readonly isOut: boolean;
}

/** One wave of a plan. */
export interface CutWave {
  readonly hosts: readonly HostName[];
  /** The index of the policy's size that made it, from 0; waves of size 0 are canaries. */
  readonly step: number;
}

/**
 * Cuts a run's hosts into waves: increments, in plan order, the canary first. If hosts are out of service, the canary is
 * one of them, and the rest of them are one wave before any other host. Percentages are of `total`, all hosts of the
 * selection. Every host is in exactly one wave; no wave is empty.
 */
export function cutWaves(
  hosts: readonly Candidate[],
  policy: WavePolicy,
  total: number,
): readonly CutWave[] {
  const waves =
    policy.kind === 'sizes'
      ? cutBySizes(hosts, policy.sizes, total)
      : cutByLabel(hosts, policy.canary, policy.per);
  return waves.filter((wave) => wave.hosts.length > 0);
}

/** The waves, from 0, before which the policy requires an approval. */
export function approvalsOf(policy: WavePolicy, waves: readonly CutWave[]): readonly number[] {
  if (policy.kind === 'spread') return [];
  const asked = (policy.approvals ?? []).map((size) => waves.findIndex(({ step }) => step >= size));
  return [...new Set(asked)].filter((wave) => wave !== -1);
}

/** The policy's sizes, calculated for `total` hosts of a selection; canaries tolerate no failure. */
export function limitsOf(
  policy: Policy,
  total: number,
  waves: readonly CutWave[],
): {
  readonly maxUnavailable: number;
  readonly tolerateWave: readonly number[];
  readonly tolerateRun: number;
} {
  const tolerated = sizeOf(policy.tolerate.wave, total, { floor: 0 });
  return {
    maxUnavailable: sizeOf(policy.maxUnavailable, total, { floor: 1 }),
    tolerateWave: waves.map(({ step }) => (step === 0 ? 0 : tolerated)),
    tolerateRun: sizeOf(policy.tolerate.run, total, { floor: 0 }),
  };
}

/** Remaining hosts go into one more wave: no host is ever left out. */
function cutBySizes(
  hosts: readonly Candidate[],
  given: readonly WaveSize[],
  total: number,
): readonly CutWave[] {
  const out = hosts.filter(({ isOut }) => isOut).map(nameOf);
  const others = hosts.filter(({ isOut }) => !isOut).map(nameOf);
  const counts = [...given, { kind: 'rest' } as const].map((size) =>
    size.kind === 'rest' ? hosts.length : sizeOf(size, total, { floor: 1 }),
  );
  const canaries = counts[0] ?? 0;
  const waves: CutWave[] = [
    { hosts: out.slice(0, canaries), step: 0 },
    { hosts: out.slice(canaries), step: 1 },
  ];
  let taken = 0;
  for (const [step, count] of counts.entries()) {
    // Hosts that are out of service can be canaries too.
    const left = step === 0 ? Math.max(0, count - out.length) : count;
    waves.push({ hosts: others.slice(taken, taken + left), step });
    taken += left;
  }
  return waves;
}

/** Hosts without the label count as one more value, so that they have a canary as well. */
function cutByLabel(hosts: readonly Candidate[], canary: number, per: string): readonly CutWave[] {
  const seen = new Map<string | undefined, number>();
  const isCanary = ({ host }: Candidate): boolean => {
    const value = Object.hasOwn(host.labels, per) ? host.labels[per] : undefined;
    const count = seen.get(value) ?? 0;
    seen.set(value, count + 1);
    return count < canary;
  };
  return [true, false].flatMap((out) => {
    const canaries: HostName[] = [];
    const rest: HostName[] = [];
    for (const each of hosts.filter(({ isOut }) => isOut === out)) {
      (isCanary(each) ? canaries : rest).push(nameOf(each));
    }
    return [
      { hosts: canaries, step: 0 },
      { hosts: rest, step: 1 },
    ];
  });
}

const nameOf = ({ host }: Candidate): HostName => host.name;
