import { unitFilesFor } from '../../../config/fleet/unit-templates.js';
import { doctorRows } from '../../../engine/preflight/doctor.js';
import type { HostReading } from '../../../engine/reading/host-reading.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { doctorJson } from '../../../ui/reports/doctor/json.js';
import type { DoctorRow } from '../../../ui/reports/doctor/rows.js';
import { doctorLines } from '../../../ui/reports/doctor/text.js';
import { exitForSurveys, readTargets, type TargetReading } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import { printLines, styleFor } from '../../context/output.js';
import { type AppReport, showApps } from '../../reports/app-reports.js';
import { changeGuards } from '../../reports/guards.js';
import { stateFolderLine } from '../../reports/state-folder-line.js';
import type { DoctorOptions } from '../../session/flags.js';

/**
 * `fleet doctor`: what would stop a run on each host, and what is worth knowing there. Writes
 * nothing, unless it installs or removes boot guards.
 */
export const doctor: Action<DoctorOptions> = async (context, options) => {
  const { installGuard, removeGuard } = options;
  if (installGuard === true && removeGuard === true) {
    throw new FleetError('usage', '--install-guard and --remove-guard exclude each other');
  }
  if (installGuard === true) return changeGuards(context, options, 'install');
  if (removeGuard === true) return changeGuards(context, options, 'remove');
  const [first, ...others] = await readTargets(context, options, async (target) => ({
    doctor: true,
    units: await unitFilesFor(target),
  }));
  const style = styleFor(context, options, 'stdout');
  const reportOf = ({ target: { app, group }, surveys }: TargetReading): AppReport => {
    const rows = doctorRows(surveys, app);
    return {
      app: app.name,
      json: doctorJson(app.name, group, rows),
      lines: doctorLines(rows, style),
      exitCode: exitFor(rows, surveys),
    };
  };
  const exitCode = showApps(context, options, [reportOf(first), ...others.map(reportOf)]);
  if (options.json !== true) printLines(context.stdout, ['', await stateFolderLine(context)]);
  return exitCode;
};

function exitFor(rows: readonly DoctorRow[], surveys: readonly HostReading[]): ExitCode {
  return rows.some(({ stops }) => stops.length > 0) ? EXIT.refused : exitForSurveys(surveys);
}
