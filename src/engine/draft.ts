import type { HostFacts } from '../host/protocol.js';
import type { App } from '../model/app.js';
import type { DeadMan } from '../model/dead-man.js';
import type { HostName, ReleaseId, RunId } from '../model/names.js';
import {
  type FoundLink,
  type HostPlan,
  type Plan,
  type RunKind,
  type SkippedHost,
  txnOf,
} from '../model/plan.js';
import { isForeign, type Release, type ReleaseMeta } from '../model/release.js';
import { releasesToPrune } from '../model/retention.js';
import { approvalsOf, cutWaves, limitsOf } from '../model/waves.js';
import type { ReadHost } from './admit.js';

export interface DraftInput {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: App;
  readonly group: string;
  readonly operator: string;
  readonly now: Date;
  readonly release: ReleaseMeta;
  /** Size of the packed release in bytes; 0 where it can only be where it is already. */
  readonly uploadBytes: number;
  readonly hosts: readonly ReadHost[];
  readonly skipped: readonly SkippedHost[];
}

/** The plan of a run, from what its hosts have said. Pure: the same facts give the same plan. */
export function draftPlan(input: DraftInput): Plan {
  const { app, release } = input;
  const unchanged = input.hosts.filter(({ facts }) => isThere(facts, release));
  const changing = input.hosts.filter(({ facts }) => !isThere(facts, release));
  const waves = cutWaves(
    changing.map(({ host }) => host),
    app.policy.waves,
  );
  const waveOf = new Map(
    waves.flatMap((names, wave) => names.map((name) => [name, wave] as const)),
  );
  const byName = new Map(changing.map((read) => [read.host.name, read]));
  const hosts = waves
    .flat()
    .map((name, index) =>
      planHost(input, readOf(byName, name), { index, wave: waveOf.get(name) ?? 0 }),
    );
  return {
    run: input.run,
    kind: input.kind,
    app,
    group: input.group,
    release,
    operator: input.operator,
    createdAt: input.now.toISOString(),
    hosts,
    waves,
    approvals: approvalsOf(app.policy.waves, waves.length),
    skipped: input.skipped,
    unchanged: unchanged.map(({ host }) => host.name),
    uploadBytes: hosts.some((host) => host.upload) ? input.uploadBytes : 0,
    limits: limitsOf(app.policy, hosts.length, waves.length),
  };
}

/**
 * Whether a host needs nothing: idle on the release, by its own record with the same content, and
 * every unit up and running from it.
 */
function isThere(facts: HostFacts, release: Release): boolean {
  return (
    facts.phase === 'idle' &&
    currentOf(facts) === release.id &&
    hasRelease(facts, release) &&
    facts.units.every(
      (unit) => unitIsUp(unit) && (unit.serving === null || unit.serving === release.id),
    )
  );
}

/** Whether a unit serves; a oneshot that has ended well counts as up. */
export function unitIsUp(unit: HostFacts['units'][number]): boolean {
  if (unit.active === 'active') return true;
  return unit.type === 'oneshot' && unit.active === 'inactive' && unit.sub === 'dead';
}

/** The release that `current` names; null where it is absent or no link that fleet made. */
export function currentOf(facts: Pick<HostFacts, 'current'>): ReleaseId | null {
  return facts.current.kind === 'link' ? facts.current.release : null;
}

/** The link that fleet did not make, where `current` is one. */
export function foundOf({ current }: Pick<HostFacts, 'current'>): FoundLink | undefined {
  if (current.kind !== 'link' || current.target === undefined) return undefined;
  return { target: current.target, leads: current.leads ?? 'unknown' };
}

/** Whether the release is on the host, complete and with the same content. */
export function hasRelease(facts: HostFacts, release: Release): boolean {
  return facts.releases.some(
    ({ id, complete, meta }) =>
      id === release.id && meta.id === id && complete && meta.digest === release.digest,
  );
}

interface Place {
  readonly index: number;
  readonly wave: number;
}

function planHost(input: DraftInput, { host, facts }: ReadHost, place: Place): HostPlan {
  const from = currentOf(facts);
  const { release } = input;
  const epoch = facts.epoch + 1;
  return {
    host,
    machineId: facts.machineId,
    epoch,
    txn: txnOf(input.run, epoch, place.index),
    from,
    found: foundOf(facts),
    to: release.id,
    upload: !hasRelease(facts, release),
    serving: from !== null && facts.phase === 'idle' && facts.units.every(unitIsUp),
    deadMan: deadManOf(facts, input.app),
    guard: facts.guard,
    prune: input.kind === 'rollback' ? [] : pruneOf(input, facts, from),
    wave: place.wave,
    done: false,
  };
}

/** The best switch that the host offers, where the policy wants one. */
export function deadManOf(facts: HostFacts, app: App): DeadMan {
  return app.policy.deadMan === 'off' ? 'off' : (facts.deadMan[0] ?? 'off');
}

/**
 * A rollback deletes nothing: what it goes back from may be wanted again. What another tool made is
 * never deleted, nor counted.
 */
function pruneOf(
  input: DraftInput,
  facts: HostFacts,
  from: ReleaseId | null,
): readonly ReleaseId[] {
  const { id } = input.release;
  const protectedIds = [id, ...(from === null ? [] : [from])];
  const counted = facts.releases.some((known) => known.id === id && known.standing === 'healthy');
  const keep = input.app.release.keep - (counted ? 0 : 1);
  const own = facts.releases.filter(({ meta }) => !isForeign(meta));
  return releasesToPrune(own, { keep, protectedIds });
}

function readOf(byName: ReadonlyMap<HostName, ReadHost>, name: HostName): ReadHost {
  const read = byName.get(name);
  if (read === undefined) throw new Error(`host ${name} is in a wave but was not read`);
  return read;
}
