import { journalFolder } from '../../../engine/journal/journal.js';
import { listRuns, readJournal } from '../../../engine/journal/journal-reading.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { reasonOf } from '../../../errors/reason.js';
import type { RunId } from '../../../model/names.js';
import { countText } from '../../../model/text/count-text.js';
import { type SyncRow, syncLines } from '../../../ui/reports/history/sync.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines, printWarning, tableLook } from '../../context/output.js';
import { findRun } from '../../records/find-run.js';
import { type NearestHistory, useNearestHistory } from '../../records/records.js';
import { syncRun } from '../../records/sync.js';
import { readMarks } from '../../records/sync-marks.js';
import type { SyncOptions } from '../../session/flags.js';

/** `fleet history sync [RUN…]`: writes what the history lacks of the runs of this bastion, from their journals. */
export const historySync: Action<SyncOptions> = (context, options, references) =>
  useNearestHistory(context, options, async (nearest) => {
    const runs = await wantedRuns(context, options, { references, nearest });
    const rows: SyncRow[] = [];
    for (const run of runs) {
      const row = await synced(context, run, { ...nearest, dryRun: options.dryRun });
      rows.push(row);
      // A store that fails fails the next run too.
      if (row.did === 'failed') break;
    }
    const left = runs.length - rows.length;
    if (options.json === true) {
      const dryRun = options.dryRun === true;
      printJson(context, { schemaVersion: 1, dryRun, runs: rows, left });
    } else printLines(context.stdout, syncLines(rows, tableLook(context, options)));
    if (left > 0) printWarning(context, `${countText(left, 'run')} not tried after that failure`);
    return exitFor(rows);
  });

interface Wanted {
  readonly references: readonly string[];
  readonly nearest: NearestHistory;
}

/** The runs that are named; with `--all` every run of these apps; else those that are marked. Oldest first. */
async function wantedRuns(
  context: Context,
  { all }: SyncOptions,
  { references, nearest: { apps, key } }: Wanted,
): Promise<readonly RunId[]> {
  if (references.length > 0) {
    const found = await Promise.all(references.map((each) => findRun(context, each)));
    return found.map(({ run }) => run);
  }
  if (all === true) return allRuns(context, apps);
  const marks = readMarks(context.stateDir);
  const own = marks.filter(({ history, app }) => history === key || apps?.includes(app));
  const others = marks.length - own.length;
  if (others > 0) {
    const message = `${countText(others, 'run')} of this bastion belong to another history`;
    printWarning(context, `${message}; type this where the fleet.yaml of their app is`);
  }
  return own.map(({ run }) => run);
}

async function allRuns(
  context: Context,
  apps: readonly string[] | undefined,
): Promise<readonly RunId[]> {
  const wanted: RunId[] = [];
  for (const run of (await listRuns(context.stateDir)).toReversed()) {
    const { plan } = await readJournal(journalFolder(context.stateDir, run));
    if (plan !== null && (apps === undefined || apps.includes(plan.app.name))) wanted.push(run);
  }
  return wanted;
}

async function synced(
  context: Context,
  run: RunId,
  { store, signal, dryRun }: NearestHistory & { readonly dryRun?: boolean | undefined },
): Promise<SyncRow> {
  try {
    return await syncRun(context, run, { store, signal, dryRun });
  } catch (error) {
    return { run, did: 'failed', detail: reasonOf(error) };
  }
}

const exitFor = (rows: readonly SyncRow[]): ExitCode =>
  rows.some(({ did }) => did === 'failed' || did === 'unusable') ? EXIT.partial : EXIT.ok;
