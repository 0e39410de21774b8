import type { UnitReading, Unread } from '../../host/protocol/protocol.js';
import { unitIsUp, whyUnread } from '../../host/reply/facts.js';

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
