import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../errors/has-code.js';
import { withFileLock } from '../../files/file-lock.js';
import type { HostName, RunId } from '../../model/names.js';
import { writeOf } from '../kept-json.js';
import {
  endedRun,
  type KeptRunHosts,
  progressedHosts,
  startedRun,
  storableEvent,
} from '../kept-run.js';
import { withLogFile } from '../log-file.js';
import type { RunWrite } from '../run-writes.js';
import type { StampedEvent } from '../store.js';

/** A run as the lines of its day tell it. */
export interface LoggedRun {
  readonly kept: KeptRunHosts;
  readonly events: ReadonlyMap<string, StampedEvent>;
}

/** The file of a run: one for each day, by the time at the beginning of the run's id. */
export const dayOf = (run: string): string => (/^\d{8}T/.test(run) ? run.slice(0, 8) : OTHER);

/** Of runs whose ids do not begin with a time. */
const OTHER = 'other';

const fileOf = (folder: string, day: string): string => join(folder, `${day}.ndjson`);

/** The days that have runs, newest first. */
export function daysIn(folder: string): readonly string[] {
  const names = namesIn(folder).filter((name) => name.endsWith('.ndjson'));
  const days = names.map((name) => name.slice(0, -'.ndjson'.length));
  return days
    .filter((day) => day === OTHER || /^\d{8}$/.test(day))
    .toSorted()
    .toReversed();
}

/** What is in a folder; nothing if it is not there yet. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Adds a line to a file of the folder; processes take turns. */
export function addLine(folder: string, name: string, line: string): Promise<void> {
  // A lock as well as one append: where the folder is on a network, appends may mix.
  return withFileLock(join(folder, `.${name}.lock`), async () =>
    withLogFile(fileOf(folder, name), (log) => log.append(line)),
  );
}

/** The lines of a file that have one of these texts in them. */
export function linesOf(folder: string, name: string, having: string | null): readonly string[] {
  try {
    const lines = readFileSync(fileOf(folder, name), 'utf8').split('\n');
    return lines.filter((line) => line !== '' && (having === null || line.includes(having)));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The runs of a day, or one of them. */
export function runsOfDay(
  folder: string,
  day: string,
  only: string | null = null,
): ReadonlyMap<string, LoggedRun> {
  const runs = new Map<string, LoggedRun>();
  for (const line of linesOf(folder, day, only === null ? null : JSON.stringify(only))) {
    const write = writeOf(line);
    if (write === null) continue;
    const run = runIdOf(write);
    if (only !== null && run !== only) continue;
    const after = applied(runs.get(run) ?? null, write);
    if (after !== null) runs.set(run, after);
  }
  return runs;
}

const runIdOf = (write: RunWrite): RunId => (write.kind === 'start' ? write.start.run : write.run);

function applied(before: LoggedRun | null, write: RunWrite): LoggedRun | null {
  if (write.kind === 'start') {
    return {
      kept: startedRun(before?.kept ?? null, write.start),
      events: before?.events ?? new Map(),
    };
  }
  if (before === null) return null;
  if (write.kind === 'end') return { ...before, kept: endedRun(before.kept, write.end) };
  const { hosts, events } = write.progress;
  const known = new Map(before.events);
  for (const event of events) {
    if (!known.has(event.stamp)) known.set(event.stamp, storableEvent(event));
  }
  const after = progressedHosts(before.kept.hosts, hosts);
  return { kept: { ...before.kept, hosts: after }, events: known };
}

export const hostNamed = ({ kept }: LoggedRun, host: string) =>
  [...kept.hosts.values()].find((each: { readonly host: HostName }) => each.host === host);
