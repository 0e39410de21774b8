import { EXIT } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { RunFilter } from '../../../history/store.js';
import { historyCsv } from '../../../ui/reports/history/csv.js';
import { historyLines } from '../../../ui/reports/history/table.js';
import type { Action } from '../../context/command.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { askedApps, askedRuns, nextPage } from '../../records/asked-runs.js';
import { withHistory } from '../../records/records.js';
import type { HistoryOptions } from '../../session/history-flags.js';
import { askedHost, showHostAt } from './host-at.js';

/** `fleet history`: which runs there were, newest first and a page at a time. */
export const history: Action<HistoryOptions> = async (context, options) => {
  refuseTwoForms(options);
  // Before any file is opened: what was typed wrong is told at once.
  askedRuns(context, options, undefined);
  const asked = askedHost(context, options);
  return withHistory(context, options, async (store, apps) => {
    if (asked !== null) {
      return showHostAt(context, options, { store, asked, apps: askedApps(options, apps) });
    }
    const filter = askedRuns(context, options, apps);
    const found = await store.listRuns({ ...filter, limit: options.last + 1 });
    const runs = found.slice(0, options.last);
    const before = found.length > runs.length ? (runs.at(-1)?.run ?? null) : null;
    if (options.json === true) printJson(context, { schemaVersion: 1, runs, before });
    else if (options.csv === true) context.stdout.write(historyCsv(runs));
    else {
      const several = (apps ?? []).length > 1;
      const look = { ...tableLook(context, options), several, isNarrowed: isNarrowed(filter) };
      printLines(context.stdout, historyLines(runs, look));
    }
    if (before !== null && options.json !== true) {
      printLines(context.stderr, [`Older runs: ${nextPage(options, before)}`]);
    }
    return EXIT.ok;
  });
};

export function refuseTwoForms({ json, csv }: Pick<HistoryOptions, 'json' | 'csv'>): void {
  if (json !== true || csv !== true) return;
  throw new FleetError('usage', '--json and --csv both write to stdout', {
    hint: 'Leave one of them out.',
  });
}

/** Apps do not count: fleet.yaml names them. */
const isNarrowed = ({ apps: _, limit: __, ...filter }: RunFilter): boolean =>
  Object.values(filter).some((value) => value !== undefined);
