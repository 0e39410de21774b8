import type { UnitReading, Unread } from '../../host/protocol/protocol.js';
import { unitIsUp, whyUnread } from '../../host/reply/facts.js';

/** What was read of a host's units. */
export interface UnitsRead {
  readonly units: readonly UnitReading[];
  readonly unread: readonly Unread[];
}

/**
 * Whether every unit that was asked for was read, and is up. A unit that could not be read is not up,
 * and an empty answer about some units is a failure.
 */
export function unitsUp(asked: readonly string[], units: readonly UnitReading[]): boolean {
  return unreadUnits(asked, units).length === 0 && units.every(unitIsUp);
}

/** The units that were asked for and that the host did not report. */
export function unreadUnits(
  asked: readonly string[],
  units: readonly UnitReading[],
): readonly string[] {
  return asked.filter((name) => !units.some(({ unit }) => unit === name));
}

/** Why units that were asked for cannot be judged, in a few words; null if all were read. */
export function unreadWords(asked: readonly string[], read: UnitsRead): string | null {
  const names = unreadUnits(asked, read.units);
  if (names.length === 0) return null;
  const why = whyUnread(read, 'units') ?? 'the host did not report them';
  return `the state of ${names.join(', ')} cannot be read: ${why}`;
}

/** What is wrong with the units that were asked for; null if all are up. */
export function unitsFault(asked: readonly string[], read: UnitsRead): string | null {
  const unread = unreadWords(asked, read);
  if (unread !== null) return unread;
  const down = read.units.filter((unit) => !unitIsUp(unit)).map(({ unit }) => unit);
  return down.length === 0 ? null : `${down.join(', ')} is not up`;
}
