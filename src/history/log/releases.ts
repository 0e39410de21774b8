import { releaseRecordOf } from '../kept-json.js';
import { byDeployDown } from '../kept-questions.js';
import { broughtRelease, succeededRelease } from '../kept-run.js';
import type { ReleaseRecord, RunStart, RunSummary } from '../store.js';
import { addLine, linesOf } from './days.js';

/** What is known of releases, beside the days: all of them would have to be read for it. */
const FILE = 'releases';

export const noteBrought = (folder: string, start: RunStart): Promise<void> =>
  addLine(folder, FILE, JSON.stringify(broughtRelease(null, start)));

/** A run to a release has succeeded; who brought it is in an earlier line. */
export const noteSucceeded = (folder: string, run: RunSummary): Promise<void> => {
  const { app, operator, release, startedAt: deployedAt, endedAt: succeededAt } = run;
  const record = { ...release, app, run: run.run, operator, deployedAt, succeededAt };
  return addLine(folder, FILE, JSON.stringify(record));
};

/** Newest first. */
export function listReleases(folder: string, app: string): readonly ReleaseRecord[] {
  const found = new Map<string, ReleaseRecord>();
  for (const line of linesOf(folder, FILE, JSON.stringify(app))) {
    const record = recordOf(line);
    if (record === null || record.app !== app) continue;
    const before = found.get(record.id);
    if (record.succeededAt === null) found.set(record.id, earlier(before, record));
    else if (before !== undefined)
      found.set(record.id, succeededRelease(before, record.succeededAt));
  }
  return [...found.values()].toSorted(byDeployDown);
}

function earlier(before: ReleaseRecord | undefined, record: ReleaseRecord): ReleaseRecord {
  if (before === undefined) return record;
  const { run, operator, deployedAt } = record;
  return before.deployedAt > deployedAt ? { ...before, run, operator, deployedAt } : before;
}

function recordOf(line: string): ReleaseRecord | null {
  try {
    return releaseRecordOf(line);
  } catch {
    return null;
  }
}
