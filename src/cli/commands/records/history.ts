import { EXIT } from '../../../errors/codes.js';
import { splitList } from '../../../model/hosts/select.js';
import { historyLines } from '../../../ui/reports/history/table.js';
import type { Action } from '../../context/command.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { withHistory } from '../../records/records.js';
import type { HistoryOptions } from '../../session/flags.js';

/** `fleet history`: the newest runs of the app, on this bastion. */
export const history: Action<HistoryOptions> = (context, options) =>
  withHistory(context, options, async (store, apps) => {
    const group = options.group.length === 0 ? undefined : splitList(options.group).join(',');
    const runs = await store.listRuns({ apps, group, limit: options.last });
    if (options.json === true) printJson(context, { schemaVersion: 1, runs });
    else {
      const look = { ...tableLook(context, options), several: (apps ?? []).length > 1 };
      printLines(context.stdout, historyLines(runs, look));
    }
    return EXIT.ok;
  });
