import { statusJson } from '../../ui/reports/status/json.js';
import { statusLines } from '../../ui/reports/status/table.js';
import { exitForSurveys, readTarget } from '../connect/reading.js';
import type { Action } from '../context/command.js';
import type { CommonOptions } from '../context/options.js';
import { printJson, printLines, tableLook } from '../context/output.js';
import { statusRows } from '../reports/status-rows.js';

/** `fleet status`: what each host runs now, and where it drifts. */
export const status: Action<CommonOptions> = async (context, options) => {
  const { target, surveys } = await readTarget(context, options);
  const rows = statusRows(surveys, target.app);
  if (options.json === true) {
    printJson(context, statusJson(target.app.name, target.group, rows));
  } else {
    const look = { ...tableLook(context, options), all: options.verbose > 0 };
    printLines(context.stdout, statusLines(rows, look));
  }
  return exitForSurveys(surveys);
};
