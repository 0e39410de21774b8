import { EXIT } from '../../errors/codes.js';
import { runDetailLines } from '../../ui/reports/history/run-detail.js';
import type { Action } from '../context/command.js';
import type { CommonOptions } from '../context/options.js';
import { printJson, printLines, tableLook } from '../context/output.js';
import { withHistory } from '../records/records.js';

/** `fleet show RUN`: one run, by id or a prefix of one, host by host. */
export const show: Action<CommonOptions> = (context, options, [reference = '']) =>
  withHistory(context, options, async (store) => {
    const run = await store.getRun(reference);
    if (options.json === true) printJson(context, { schemaVersion: 1, ...run });
    else printLines(context.stdout, runDetailLines(run, tableLook(context, options)));
    return EXIT.ok;
  });
