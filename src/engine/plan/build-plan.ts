import type { HostFacts } from '../../host/protocol/protocol.js';
import {
  currentOf,
  deadManOf,
  foundOf,
  hasRelease,
  heldBy,
  mayRun,
} from '../../host/reply/facts.js';
import type { HostCondition } from '../../model/hosts/condition.js';
import type { Person } from '../../model/hosts/person.js';
import type { HostName, ReleaseId, RunId } from '../../model/names.js';
import { releasesToPrune } from '../../model/releases/choose/retention.js';
import type { DriftCheck } from '../../model/releases/drift.js';
import { isForeign, type ReleaseMeta } from '../../model/releases/release.js';
import type { RenderedUnits } from '../../model/releases/unit-file.js';
import type { RunKind } from '../../model/run-kind.js';
import type { App } from '../../model/runs/app.js';
import {
  type Delta,
  type HostPlan,
  type Plan,
  type SkippedHost,
  txnOf,
} from '../../model/runs/plan.js';
import { approvalsOf, cutWaves, limitsOf } from '../../model/runs/waves.js';
import { conditionOf } from '../reading/condition.js';
import type { ReadHost } from '../reading/host-reading.js';
import { backAfter } from './back-after.js';
import { hasUnitFiles, keptUnitFiles, unitFilesOf } from './unit-files.js';

/** Who asks for a run, of what and when: the part of a plan that does not depend on its hosts. */
export interface PlanHead {
  readonly run: RunId;
  readonly app: App;
  readonly group: string;
  readonly operator: string;
  /** Who that is. */
  readonly person?: Person | undefined;
  readonly now: Date;
  /** Why, in the words of the operator. */
  readonly reason?: string | null | undefined;
}

export interface PlanInput extends PlanHead {
  readonly kind: RunKind;
  readonly release: ReleaseMeta;
  /** Size of the packed release in bytes; 0 for a rollback, which sends nothing. */
  readonly uploadBytes: number;
  /** What its files hold, in bytes. */
  readonly contentBytes?: number | undefined;
  /** The hosts that need only what differs from another release. */
  readonly deltas?: ReadonlyMap<HostName, Delta> | undefined;
  readonly hosts: readonly ReadHost[];
  readonly skipped: readonly SkippedHost[];
  /** What this bastion's own history has of the app's releases. */
  readonly recorded?: readonly ReleaseMeta[] | undefined;
  /** The unit files that the release brings to each host. */
  readonly units?: RenderedUnits | undefined;
  /** How hosts compare a release that they have already; null if they do not. */
  readonly check?: DriftCheck | null | undefined;
}

/** The plan of a run, from the facts of its hosts. Pure: the same facts give the same plan. */
export function buildPlan(input: PlanInput): Plan {
  const { app, release } = input;
  const total = input.hosts.length + input.skipped.length;
  const judged = input.hosts.map(
    (read): Judged => ({ ...read, condition: conditionOf(read.facts, app) }),
  );
  const unchanged = judged.filter((read) => isThere(read, input));
  const changing = judged.filter((read) => !isThere(read, input));
  const cut = cutWaves(
    changing.map(({ host, condition }) => ({ host, isOut: condition.kind === 'out' })),
    app.policy.waves,
    total,
  );
  const unitFiles =
    input.kind === 'deploy'
      ? unitFilesOf(changing, input.units)
      : keptUnitFiles(changing, release.id);
  const byName = new Map(changing.map((read) => [read.host.name, read]));
  const places = cut.flatMap(({ hosts: names }, wave) => names.map((name) => ({ name, wave })));
  const hosts = places.map(({ name, wave }, index) =>
    planHost(input, readOf(byName, name), { index, wave }),
  );
  return {
    run: input.run,
    kind: input.kind,
    app,
    group: input.group,
    release,
    operator: input.operator,
    ...(input.person === undefined ? {} : { person: input.person }),
    createdAt: input.now.toISOString(),
    reason: input.reason ?? null,
    madeFrom: null,
    hosts,
    waves: cut.map((wave) => wave.hosts),
    approvals: approvalsOf(app.policy.waves, cut),
    skipped: input.skipped,
    unchanged: unchanged.map(({ host }) => host.name),
    backTo: backAfter(input, hosts),
    ...uploadOf(hosts, input),
    limits: limitsOf(app.policy, total, cut),
    ...(unitFiles.length === 0 ? {} : { unitFiles: [...unitFiles] }),
    hooksBegun: [],
    ...(input.check === null ? {} : { check: input.check ?? 'stamp' }),
  };
}

/** How much of the release is sent, in sizes of the whole. */
function uploadOf(
  hosts: readonly HostPlan[],
  { uploadBytes, contentBytes }: Pick<PlanInput, 'uploadBytes' | 'contentBytes'>,
): Pick<Plan, 'uploadBytes' | 'contentBytes'> {
  const uploads = hosts.filter(({ upload }) => upload);
  if (uploads.length === 0) return { uploadBytes: 0 };
  return { uploadBytes, ...(contentBytes === undefined ? {} : { contentBytes }) };
}

/** A host with its condition: whether it serves now. */
interface Judged extends ReadHost {
  readonly condition: HostCondition;
}

/**
 * Whether a host needs no work: it is idle on the release, its own record has the same content, its unit
 * files are those of the release, and every unit is up and runs from it.
 */
function isThere(
  { host, facts, condition }: Judged,
  { release, units }: Pick<PlanInput, 'release' | 'units'>,
): boolean {
  return (
    condition.kind === 'serving' &&
    currentOf(facts) === release.id &&
    hasRelease(facts, release) &&
    hasUnitFiles(facts, units?.get(host.name)) &&
    facts.units.every((unit) => mayRun(unit, release.id))
  );
}

interface Place {
  readonly index: number;
  readonly wave: number;
}

function planHost(input: PlanInput, { host, facts, condition }: Judged, place: Place): HostPlan {
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
    ...sentTo(host.name, !hasRelease(facts, release), input.deltas),
    condition,
    earlier: heldBy({ host, facts }).earlier,
    deadMan: deadManOf(facts, input.app),
    guard: facts.guard,
    prune: input.kind === 'rollback' ? [] : pruneOf(input, facts, from),
    wave: place.wave,
    done: false,
  };
}

/** Whether a host is sent the release, and from which of its own it is made. */
export function sentTo(
  host: HostName,
  upload: boolean,
  deltas: ReadonlyMap<HostName, Delta> = new Map(),
): Pick<HostPlan, 'upload' | 'delta'> {
  const delta = deltas.get(host);
  return upload && delta !== undefined ? { upload, delta } : { upload };
}

/**
 * A rollback deletes nothing: the release that it leaves may be needed again. Folders of another tool
 * are never deleted, and never counted.
 */
function pruneOf(input: PlanInput, facts: HostFacts, from: ReleaseId | null): readonly ReleaseId[] {
  const { id } = input.release;
  const protectedIds = [id, ...(from === null ? [] : [from])];
  const counted = facts.releases.some((known) => known.id === id && known.standing === 'healthy');
  const keep = input.app.release.keep - (counted ? 0 : 1);
  const own = facts.releases.filter(({ meta }) => !isForeign(meta));
  const { keepForMs } = input.app.release;
  return releasesToPrune(own, { keep, keepForMs, now: input.now, protectedIds });
}

function readOf(byName: ReadonlyMap<HostName, Judged>, name: HostName): Judged {
  const read = byName.get(name);
  if (read === undefined) throw new Error(`host ${name} is in a wave but was not read`);
  return read;
}
