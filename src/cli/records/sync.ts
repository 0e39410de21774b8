import { statSync } from 'node:fs';
import { join } from 'node:path';
import { withinTime } from '../../async/within-time.js';
import { JOURNAL_FILES, journalFolder } from '../../engine/journal/journal.js';
import { readJournal } from '../../engine/journal/journal-reading.js';
import { runLiveness } from '../../engine/journal/run-owner.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { FleetEvent } from '../../events/event.js';
import { carryOut, createRunWrites, type RunWrite } from '../../history/run-writes.js';
import type { HistoryStore, RunDetails } from '../../history/store.js';
import type { RunId } from '../../model/names.js';
import type { Context } from '../context/context.js';
import { readMark, removeMark, writeMark } from './sync-marks.js';

/** What became of one run. */
export interface SyncedRun {
  readonly run: RunId;
  /** `would-write` in a dry run; `alive`: its controller writes it; `unusable`: its journal cannot be used. */
  readonly did: 'written' | 'would-write' | 'complete' | 'alive' | 'unusable';
  /** What was lacking, or why nothing was written; empty if all was there. */
  readonly detail: string;
}

export interface SyncWish {
  readonly store: HistoryStore;
  readonly dryRun?: boolean | undefined;
  /** True if it is known that no controller carries it out any more. */
  readonly isOver?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** How long each answer of the store may take. */
const ANSWER_MS = 10_000;

/** How much of a run's progress is one write. */
const PROGRESS_AT_ONCE = 500;

/**
 * Writes what the history lacks of a run, from its journal, which outranks the history. The same run may be written at the
 * same time by another process. Rejects if the store fails.
 */
export async function syncRun(context: Context, run: RunId, wish: SyncWish): Promise<SyncedRun> {
  const { stateDir } = context;
  const mark = readMark(stateDir, run);
  const folder = journalFolder(stateDir, run);
  const bytes = bytesOf(join(folder, JOURNAL_FILES.events));
  const { plan, planProblem, events, ended } = await readJournal(folder);
  const isOver = ended || wish.isOver === true || mark?.isOver === true;
  if (!isOver && runLiveness(stateDir, run) === 'alive') return { run, did: 'alive', detail: '' };
  const leaveOpen = (): void => {
    if (mark !== null && wish.dryRun !== true) writeMark(stateDir, { ...mark, syncedBytes: bytes });
  };
  if (plan === null || !events.some(({ type }) => type === 'run-started')) {
    leaveOpen();
    return { run, did: 'unusable', detail: planProblem ?? 'its journal has no beginning of a run' };
  }
  const writes = writesOf(events);
  const detail = lacking(await inHistory(run, wish), writes);
  if (wish.dryRun === true) {
    return { run, did: detail === '' ? 'complete' : 'would-write', detail };
  }
  if (detail !== '') {
    for (const write of writes) {
      await withinTime(ANSWER_MS, () => carryOut(wish.store, write), wish.signal);
    }
  }
  if (ended) removeMark(stateDir, run);
  else leaveOpen();
  return { run, did: detail === '' ? 'complete' : 'written', detail };
}

/** Whether the journal of a run has grown since it was written into the history. */
export const hasGrown = (stateDir: string, run: RunId, syncedBytes: number | null): boolean =>
  bytesOf(join(journalFolder(stateDir, run), JOURNAL_FILES.events)) !== syncedBytes;

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The writes of a whole run: each of its starts, then all of its progress, and its end. */
function writesOf(events: readonly FleetEvent[]): readonly RunWrite[] {
  const made: RunWrite[] = [];
  const writes = createRunWrites((write) => void made.push(write));
  for (const event of events) {
    writes.hear(event);
    if (writes.gathered >= PROGRESS_AT_ONCE) writes.flush();
  }
  writes.flush();
  return made;
}

async function inHistory(run: RunId, { store, signal }: SyncWish): Promise<RunDetails | null> {
  try {
    const found = await withinTime(ANSWER_MS, () => store.getRun(run), signal);
    return found.run === run ? found : null;
  } catch (error) {
    if (error instanceof FleetError && error.code === 'run_unknown') return null;
    throw error;
  }
}

/** What the history lacks of a run, in words; empty if it has everything. */
function lacking(found: RunDetails | null, writes: readonly RunWrite[]): string {
  if (found === null) return 'all of it';
  const last = writes.at(-1);
  const end = last?.kind === 'end' ? last.end : null;
  const lines = writes.reduce(
    (sum, write) => sum + (write.kind === 'progress' ? write.progress.events.length : 0),
    0,
  );
  const parts = [
    ...(found.events.length < lines
      ? [`${lines - found.events.length} lines of its timeline`]
      : []),
    ...(end !== null && (found.state !== end.state || found.endedAt !== end.endedAt)
      ? ['its end']
      : []),
    ...(end === null && lacksStates(found, writes) ? ['states of its hosts'] : []),
  ];
  return parts.join(', ');
}

function lacksStates(found: RunDetails, writes: readonly RunWrite[]): boolean {
  const states = new Map(found.hosts.map(({ host, state }) => [host, state]));
  const last = new Map(
    writes
      .flatMap((write) => (write.kind === 'progress' ? write.progress.hosts : []))
      .map(({ host, state }) => [host, state]),
  );
  return [...last].some(([host, state]) => states.get(host) !== state);
}
