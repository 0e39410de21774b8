import { statusJson } from '../../ui/reports/status/json.js';
import { statusLines } from '../../ui/reports/status/table.js';
import { exitForSurveys, readTargets, type TargetReading } from '../connect/reading.js';
import type { Action } from '../context/command.js';
import type { CommonOptions } from '../context/options.js';
import { tableLook } from '../context/output.js';
import { type AppReport, showApps } from '../reports/app-reports.js';
import { statusRows } from '../reports/status-rows.js';

/** `fleet status`: what each host runs now, and where it drifts. */
export const status: Action<CommonOptions> = async (context, options) => {
  const [first, ...others] = await readTargets(context, options);
  const look = { ...tableLook(context, options), all: options.verbose > 0 };
  const reportOf = ({ target: { app, group }, surveys }: TargetReading): AppReport => {
    const rows = statusRows(surveys, app);
    return {
      app: app.name,
      json: statusJson(app.name, group, rows),
      lines: statusLines(rows, look),
      exitCode: exitForSurveys(surveys),
    };
  };
  return showApps(context, options, [reportOf(first), ...others.map(reportOf)]);
};
