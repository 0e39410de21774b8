import { relative } from 'node:path';
import { graver, type RecordFinding, type RecordState } from '../../../engine/audit/findings.js';
import { type Anchor, verifyRecords } from '../../../engine/audit/verify-records.js';
import { listRuns } from '../../../engine/journal/journal-reading.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { reasonOf } from '../../../errors/reason.js';
import { sealedDigest } from '../../../history/run-timeline.js';
import type { HistoryStore } from '../../../history/store.js';
import type { RunId } from '../../../model/names.js';
import { verifyLines } from '../../../ui/reports/history/verify.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, printWarning, styleFor } from '../../context/output.js';
import { matchingRun } from '../../records/find-run.js';
import { withHistory } from '../../records/records.js';

/** `fleet history verify [RUN]`: whether the records of this bastion are as fleet wrote them. */
export const verify: Action<CommonOptions> = async (context, options, [reference]) => {
  const { stateDir } = context;
  const runs = await listRuns(stateDir);
  const run = reference === undefined ? null : matchingRun(runs, reference);
  const compared = run === null ? runs.slice(0, MOST_COMPARED) : [run];
  const anchors = await anchorsOf(context, options, compared);
  const found = await verifyRecords(stateDir, { run, anchors });
  const files = found.map((each) => ({ ...each, file: relative(stateDir, each.file) }));
  const state = stateOf(found);
  if (options.json === true) printJson(context, { schemaVersion: 1, state, files });
  else {
    const style = styleFor(context, options, 'stdout');
    const verbose = options.verbose > 0 || run !== null;
    printLines(context.stdout, verifyLines(files, { style, verbose }));
  }
  return EXIT_FOR[state];
};

/** Each is a question to the history, which may be on a server. */
const MOST_COMPARED = 100;

/** What the history has of the ends of these journals; a history that cannot be read is compared with nothing. */
async function anchorsOf(
  context: Context,
  options: CommonOptions,
  runs: readonly RunId[],
): Promise<readonly Anchor[]> {
  if (runs.length === 0) return [];
  try {
    return await withHistory(context, options, async (store) => {
      const found: Anchor[] = [];
      for (const run of runs) found.push(...(await sealsOf(store, run)));
      return found;
    });
  } catch (error) {
    printWarning(context, `the journals are not compared with the history: ${reasonOf(error)}`);
    return [];
  }
}

async function sealsOf(store: HistoryStore, run: RunId): Promise<readonly Anchor[]> {
  const known = await store.getRun(run).catch((error: unknown) => {
    if (error instanceof FleetError && error.code === 'run_unknown') return null;
    throw error;
  });
  return (known?.events ?? []).flatMap((event) => {
    const digest = sealedDigest(event);
    return digest === null ? [] : [{ run, digest, where: 'the history' }];
  });
}

const stateOf = (found: readonly RecordFinding[]): RecordState =>
  found.map(({ state }) => (state === 'unchained' ? 'intact' : state)).reduce(graver, 'intact');

const EXIT_FOR: Readonly<Record<RecordState, ExitCode>> = {
  intact: EXIT.ok,
  unchained: EXIT.ok,
  incomplete: EXIT.partial,
  changed: EXIT.failed,
};
