import type { UnitReading, Unread } from '../host/protocol.js';
import type { ReleaseId } from '../model/names.js';
import { whyUnread } from './unread.js';

/** What was read of a host's units. */
export interface UnitsRead {
  readonly units: readonly UnitReading[];
  readonly unread: readonly Unread[];
}

/**
 * Whether every unit that was asked for was read, and is up. What could not be read is not up: an
 * empty answer to a question about some units is no good news.
 */
export function unitsUp(asked: readonly string[], units: readonly UnitReading[]): boolean {
  return unreadUnits(asked, units).length === 0 && units.every(unitIsUp);
}

/** The units that were asked for and of which the host has said nothing. */
export function unreadUnits(
  asked: readonly string[],
  units: readonly UnitReading[],
): readonly string[] {
  return asked.filter((name) => !units.some(({ unit }) => unit === name));
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

/** Why units that were asked for cannot be judged, in a few words; null where all were read. */
export function unreadWords(asked: readonly string[], read: UnitsRead): string | null {
  const names = unreadUnits(asked, read.units);
  if (names.length === 0) return null;
  const why = whyUnread(read, 'units') ?? 'it says nothing of them';
  return `the state of ${names.join(', ')} cannot be read: ${why}`;
}

/** What is wrong with the units that were asked for; null where all of them are up. */
export function unitsFault(asked: readonly string[], read: UnitsRead): string | null {
  const unread = unreadWords(asked, read);
  if (unread !== null) return unread;
  const down = read.units.filter((unit) => !unitIsUp(unit)).map(({ unit }) => unit);
  return down.length === 0 ? null : `${down.join(', ')} is not up`;
}
