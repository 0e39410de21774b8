import { type HookRun, hookRuns } from '../../../engine/hooks/hook-runs.js';
import { journalFolder } from '../../../engine/journal/journal.js';
import { hasJournal, readJournal } from '../../../engine/journal/journal-reading.js';
import { EXIT } from '../../../errors/codes.js';
import type { RunId } from '../../../model/names.js';
import { runDetailLines } from '../../../ui/reports/history/run-detail.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { withHistory } from '../../records/records.js';

/** `fleet show RUN`: one run of any bastion, by id or a prefix of one, host by host. */
export const show: Action<CommonOptions> = (context, options, [reference = '']) =>
  withHistory(context, options, async (store) => {
    const found = await store.getRun(reference);
    const isHere = hasJournal(context.stateDir, found.run);
    const journal = { bastion: found.bastion, here: isHere };
    const run = { ...found, journal, hooks: isHere ? await hooksOf(context, found.run) : null };
    if (options.json === true) printJson(context, { schemaVersion: 1, ...run });
    else printLines(context.stdout, runDetailLines(run, tableLook(context, options)));
    return EXIT.ok;
  });

/** From its journal, which is on the bastion where the run was started; null if that cannot be used. */
async function hooksOf({ stateDir }: Context, run: RunId): Promise<readonly HookRun[] | null> {
  const { plan, events } = await readJournal(journalFolder(stateDir, run));
  return plan === null ? null : hookRuns(events, plan.app.hooks);
}
