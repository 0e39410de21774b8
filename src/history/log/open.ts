import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import { readOwn } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import { makeFolder } from '../../files/shared-folder.js';
import { asRunId, isRunId, type RunId } from '../../model/names.js';
import { hasSucceeded } from '../kept-run.js';
import type { RunWrite } from '../run-writes.js';
import type { HistoryStore, SharedDocument } from '../store.js';
import { addLine, dayOf, namesIn, runsOfDay } from './days.js';
import { getRun, type LogFolders, listOpenRuns, listRuns, releaseAt, runsBetween } from './read.js';
import { listReleases, noteBrought, noteSucceeded } from './releases.js';

/**
 * The history as plain files: for each day a file of JSON lines, one for each write. Any number of processes may write at
 * once; a line that a crash has cut off is passed over. Nothing is made before the first write.
 */
export function openLogHistory(folder: string): HistoryStore {
  const named = <T>(work: () => Promise<T>): Promise<T> => naming(folder, work);
  const folders = { runs: folder, open: join(folder, 'open'), shared: join(folder, 'shared') };
  const write = (run: RunId, what: RunWrite) => named(() => addWrite(folders, run, what));
  return {
    recordStart: (start) => write(start.run, { kind: 'start', start }),
    recordProgress: (run, progress) => write(run, { kind: 'progress', run, progress }),
    recordEnd: (run, end) => write(run, { kind: 'end', run, end }),
    listRuns: (filter) => named(async () => listRuns(folders, filter)),
    getRun: (reference) => named(async () => getRun(folders, reference)),
    listReleases: (app) => named(async () => listReleases(folder, app)),
    releaseAt: (question) => named(async () => releaseAt(folders, question)),
    runsBetween: (period) => runsBetween(folders, period),
    listOpenRuns: (filter) => named(async () => listOpenRuns(folders, filter)),
    putShared: (run, document) => named(async () => putShared(folders, run, document)),
    getShared: (run) => named(async () => getShared(folders, run)),
    removeShared: (run) =>
      named(async () => rmSync(sharedOf(folders, run), { recursive: true, force: true })),
    close: async () => undefined,
  };
}

/** The mark of an open run comes before its start, and goes after its end: there may be one too many, never one too few. */
async function addWrite({ runs, open }: LogFolders, run: RunId, write: RunWrite): Promise<void> {
  const mark = join(open, run);
  makeFolder(open);
  if (write.kind === 'start') replaceFile(mark, '');
  await addLine(runs, dayOf(run), JSON.stringify(write));
  if (write.kind === 'progress') return;
  const summary = runsOfDay(runs, dayOf(run), run).get(run)?.kept.summary;
  if (write.kind === 'start' && write.start.kind === 'deploy') await noteBrought(runs, write.start);
  if (summary === undefined) return;
  if (summary.endedAt !== null) rmSync(mark, { force: true });
  if (write.kind === 'end' && hasSucceeded(summary)) await noteSucceeded(runs, summary);
}

const sharedOf = ({ shared }: LogFolders, run: RunId): string => {
  if (!isRunId(run)) throw new Error(`${run} cannot be the id of a run`);
  return join(shared, run);
};

/** A kind may have any characters. */
const nameOf = (kind: string): string => encodeURIComponent(kind);

function putShared(folders: LogFolders, run: RunId, { kind, json }: SharedDocument): void {
  makeFolder(sharedOf(folders, run));
  replaceFile(join(sharedOf(folders, run), nameOf(kind)), json);
}

function getShared(folders: LogFolders, run: RunId): readonly SharedDocument[] {
  const folder = sharedOf(folders, asRunId(run));
  return namesIn(folder)
    .filter((name) => !name.endsWith('.tmp'))
    .map((name) => ({ kind: decodeURIComponent(name), json: readOwn(join(folder, name)) }))
    .toSorted((one, other) => (one.kind < other.kind ? -1 : 1));
}

async function naming<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FleetError && error.code === 'run_unknown') throw error;
    const message = `the history in ${folder} cannot be used: ${reasonOf(error)}`;
    throw new FleetError('history_unavailable', message, {
      cause: error,
      hint: `Check that ${dirname(folder)} is a folder that you can write, and that its disk has space.`,
    });
  }
}
