import type {
  CurrentLink,
  HostFacts,
  HostRelease,
  HostState,
  UnitReading,
  Unread,
} from './protocol.js';
import type { HostEvent, ReleaseEvent, StateEvent, UnitEvent } from './reply.js';
import type { Undeletable } from './undeletable.js';

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
  return { ...toState(state), ...info, units, releases, undeletable, unread };
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
