import type { Host } from '../../model/hosts/host.js';
import type { ReleaseId } from '../../model/names.js';
import { type Earlier, earlierOf } from '../../model/releases/choose/earlier.js';
import { byDeployTime, type HostReleases } from '../../model/releases/choose/known-release.js';
import type { Release } from '../../model/releases/release.js';
import type { RunKind } from '../../model/run-kind.js';
import type { App } from '../../model/runs/app.js';
import type { DeadMan } from '../../model/runs/dead-man.js';
import type { FoundLink } from '../../model/runs/plan.js';
import type { HostBackup } from '../protocol/backup.js';
import type { PartialUpload } from '../protocol/partial-upload.js';
import type {
  CurrentLink,
  HostFacts,
  HostRelease,
  HostState,
  UnitReading,
  Unread,
} from '../protocol/protocol.js';
import type { Undeletable } from '../protocol/undeletable.js';
import type { HostEvent, ReleaseEvent, StateEvent, UnitEvent } from './reply.js';
import { readUnitFiles } from './unit-files.js';

/** What `status` reads. */
export interface HostReading {
  readonly state: HostState;
  readonly units: readonly UnitReading[];
  readonly unread: readonly Unread[];
}

/** The host's state and units, or null if its events lack them. */
export function readStatus(events: readonly HostEvent[]): HostReading | null {
  const state = events.find((event) => event.event === 'state');
  if (state === undefined) return null;
  return { state: toState(state), units: unitsOf(events), unread: unreadOf(events) };
}

/** All that `facts` reads, or null if its events lack it. */
export function readFacts(events: readonly HostEvent[]): HostFacts | null {
  const state = events.find((event) => event.event === 'state');
  const host = events.find((event) => event.event === 'host');
  if (state === undefined || host === undefined) return null;
  const { event: _, ...info } = host;
  const releases = events.filter((event) => event.event === 'release').map(toRelease);
  const units = unitsOf(events);
  const undeletable = readUndeletable(events);
  const unread = unreadOf(events);
  const partial = readPartial(events);
  const backups = readBackups(events);
  return {
    ...toState(state),
    ...info,
    units,
    releases,
    backups,
    undeletable,
    unread,
    partial,
    ...readUnitFiles(events),
  };
}

/** What the host has received of archives that did not arrive whole. */
export function readPartial(events: readonly HostEvent[]): readonly PartialUpload[] {
  return events.flatMap((event) =>
    event.event === 'spool' ? [{ sha256: event.sha256, bytes: event.bytes }] : [],
  );
}

/** The backups of a host, in the order of its answer. */
function readBackups(events: readonly HostEvent[]): readonly HostBackup[] {
  return events.flatMap((event) => (event.event === 'backup' ? [toBackup(event)] : []));
}

function toBackup({ event: _, ...backup }: Extract<HostEvent, { event: 'backup' }>): HostBackup {
  return backup;
}

/** What the host could not delete. */
export function readUndeletable(events: readonly HostEvent[]): readonly Undeletable[] {
  return events.flatMap((event) =>
    event.event === 'undeletable'
      ? [{ path: event.path, what: event.what, reason: event.reason }]
      : [],
  );
}

/** The reading of a `probe` step, or null if it sent none. */
export function readProbe(
  events: readonly HostEvent[],
): { readonly healthy: boolean; readonly reason: string } | null {
  const probe = events.findLast((event) => event.event === 'probe');
  return probe === undefined ? null : { healthy: probe.healthy, reason: probe.reason };
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

/** What a host holds, for choosing among it. */
export function heldBy({
  host,
  facts,
}: {
  readonly host: Host;
  readonly facts: HostFacts;
}): HostReleases {
  const { releases } = facts;
  return { host: host.name, current: currentOf(facts), releases, earlier: earlierIn(facts) };
}

function earlierIn(facts: HostFacts): Earlier {
  const { from, to, ran } = facts;
  const kind = facts.kind ?? kindOf(facts);
  return earlierOf({ current: currentOf(facts), from, to, earlier: ran, kind });
}

/** What a switch of an older fleet was, by which of the two releases was deployed first. */
function kindOf({ from, to, releases }: HostFacts): RunKind | null {
  const [left, went] = [from, to].map((id) => releases.find((known) => known.id === id));
  if (left === undefined || went === undefined) return null;
  return byDeployTime(left, went) < 0 ? 'deploy' : 'rollback';
}

/** Why a part of what a host was asked for could not be read there; null where it was read. */
export function whyUnread(
  { unread }: Pick<HostFacts, 'unread'>,
  part: Unread['what'],
): string | null {
  return unread.find(({ what }) => what === part)?.why ?? null;
}

/**
 * Whether a unit serves; a oneshot that has ended well counts as up, and so does what a socket starts
 * when it is needed. A unit without a process is up where what is behind it is.
 */
export function unitIsUp(unit: UnitReading): boolean {
  if (unit.dead !== undefined) return false;
  if (['active', 'reloading', 'refreshing'].includes(unit.active) || unit.onCall === true)
    return true;
  return unit.type === 'oneshot' && unit.active === 'inactive' && unit.sub === 'dead';
}

/** Whether all that is known of a unit allows that it runs the release. */
export function mayRun(unit: UnitReading, release: ReleaseId): boolean {
  return !unit.pending && (unit.serving === null || unit.serving === release);
}

/** The best switch that the host offers, where the policy wants one. */
export function deadManOf(facts: HostFacts, app: App): DeadMan {
  return app.policy.deadMan === 'off' ? 'off' : (facts.deadMan[0] ?? 'off');
}

function toState({ event: _, current, ...state }: StateEvent): HostState {
  return { ...state, current: current satisfies CurrentLink };
}

function unitsOf(events: readonly HostEvent[]): readonly UnitReading[] {
  return events.filter((event) => event.event === 'unit').map(toUnit);
}

function unreadOf(events: readonly HostEvent[]): readonly Unread[] {
  return events.filter((event) => event.event === 'unread').map(({ what, why }) => ({ what, why }));
}

function toUnit({ event: _, ...unit }: UnitEvent): UnitReading {
  return unit;
}

function toRelease({ event: _, ...release }: ReleaseEvent): HostRelease {
  return release;
}
