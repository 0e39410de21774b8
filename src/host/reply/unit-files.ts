import type { HostFacts } from '../protocol/protocol.js';
import type { UnitCheck } from '../protocol/unit-file.js';
import type { HostEvent } from './reply.js';

/** The unit files of a host; nothing for one that has none. Lines that the answer has once are at each of the same sum. */
export function readUnitFiles(
  events: readonly HostEvent[],
): Pick<HostFacts, 'unitFiles' | 'keptUnits'> {
  const found = events.flatMap((event) => (event.event === 'unit_file' ? [event] : []));
  const kept = events.flatMap((event) => (event.event === 'kept_unit' ? [event] : []));
  const known = new Map(
    [...found, ...kept].flatMap(({ sha256, lines }) =>
      sha256 === undefined || lines === undefined ? [] : [[sha256, lines] as const],
    ),
  );
  const unitFiles = found.map(({ event: _, ...file }) => {
    const lines = file.lines ?? known.get(file.sha256 ?? '');
    return lines === undefined ? file : { ...file, lines };
  });
  const keptUnits = kept.map(({ event: _, ...file }) => ({
    ...file,
    lines: file.lines ?? known.get(file.sha256) ?? [],
  }));
  return {
    ...(unitFiles.length === 0 ? {} : { unitFiles }),
    ...(keptUnits.length === 0 ? {} : { keptUnits }),
  };
}

/** What `check_units` has found. */
export const readUnitChecks = (events: readonly HostEvent[]): readonly UnitCheck[] =>
  events.flatMap((event) => (event.event === 'unit_check' ? [withoutEvent(event)] : []));

const withoutEvent = ({
  event: _,
  ...check
}: Extract<HostEvent, { event: 'unit_check' }>): UnitCheck => check;
