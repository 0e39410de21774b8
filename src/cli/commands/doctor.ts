import type { HostSurvey } from '../../engine/admit.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { FleetEvent } from '../../events/event.js';
import { doctorJson } from '../../ui/doctor-json.js';
import type { DoctorRow } from '../../ui/doctor-report.js';
import { doctorLines } from '../../ui/doctor-text.js';
import type { Action } from '../command.js';
import { doctorRows, type Reading } from '../doctor-rows.js';
import { changeGuards } from '../guards.js';
import type { CommonOptions } from '../options.js';
import { printJson, printLines, styleFor } from '../output.js';
import { exitForSurveys, readTarget } from '../reading.js';
import { stateFolderLine } from '../state-folder-line.js';

export interface DoctorOptions extends CommonOptions {
  readonly installGuard?: true;
  readonly removeGuard?: true;
}

/**
 * `fleet doctor`: what would stop a run on each host, and what is worth knowing there. Writes
 * nothing, unless it is to install or remove the guards.
 */
export const doctor: Action<DoctorOptions> = async (context, options) => {
  const { installGuard, removeGuard } = options;
  if (installGuard === true && removeGuard === true) {
    throw new FleetError('usage', 'a guard is either installed or removed');
  }
  if (installGuard === true) return changeGuards(context, options, 'install');
  if (removeGuard === true) return changeGuards(context, options, 'remove');
  const times = readingTimes();
  const { target, surveys, servers } = await readTarget(context, options, {
    doctor: true,
    listener: times.listener,
  });
  const rows = doctorRows(surveys, target.app, (survey) => ({
    ...times.of(survey),
    server: servers.get(survey.host.name) ?? null,
  }));
  if (options.json === true) printJson(context, doctorJson(target.app.name, target.group, rows));
  else {
    printLines(context.stdout, doctorLines(rows, styleFor(context, options, 'stdout')));
    printLines(context.stdout, ['', await stateFolderLine(context)]);
  }
  return exitFor(rows, surveys);
};

/** Between when each host was read, from what the survey tells. */
function readingTimes() {
  const sinces = new Map<string, Date>();
  const untils = new Map<string, Date>();
  return {
    listener(event: FleetEvent): void {
      if (event.type === 'preflight-asked') sinces.set(event.host, new Date(event.at));
      if (event.type === 'preflight-host') untils.set(event.host, new Date(event.at));
    },
    of({ host }: HostSurvey): Omit<Reading, 'server'> {
      const since = sinces.get(host.name) ?? new Date(0);
      return { since, until: untils.get(host.name) ?? since };
    },
  };
}

function exitFor(rows: readonly DoctorRow[], surveys: readonly HostSurvey[]): ExitCode {
  return rows.some(({ stops }) => stops.length > 0) ? EXIT.refused : exitForSurveys(surveys);
}
