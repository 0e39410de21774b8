import { relative } from 'node:path';
import { graver, type RecordFinding, type RecordState } from '../../../engine/audit/findings.js';
import { verifyRecords } from '../../../engine/audit/verify-records.js';
import { listRuns } from '../../../engine/journal/journal-reading.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { verifyLines } from '../../../ui/reports/history/verify.js';
import type { Action } from '../../context/command.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, styleFor } from '../../context/output.js';
import { matchingRun } from '../../records/find-run.js';

/** `fleet history verify [RUN]`: whether the records of this bastion are as fleet wrote them. */
export const verify: Action<CommonOptions> = async (context, options, [reference]) => {
  const { stateDir } = context;
  const run = reference === undefined ? null : matchingRun(await listRuns(stateDir), reference);
  const found = await verifyRecords(stateDir, { run });
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

const stateOf = (found: readonly RecordFinding[]): RecordState =>
  found.map(({ state }) => (state === 'unchained' ? 'intact' : state)).reduce(graver, 'intact');

const EXIT_FOR: Readonly<Record<RecordState, ExitCode>> = {
  intact: EXIT.ok,
  unchained: EXIT.ok,
  incomplete: EXIT.partial,
  changed: EXIT.failed,
};
