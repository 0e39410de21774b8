import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { isHarmed } from '../../../model/releases/drift.js';
import { statusJson } from '../../../ui/reports/status/json.js';
import { statusLines } from '../../../ui/reports/status/table.js';
import { unitFileLines } from '../../../ui/reports/status/unit-files.js';
import { type VerifiedHost, verifiedLines } from '../../../ui/reports/status/verified.js';
import { exitForSurveys, readAndCompare, type VerifiedReading } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import { tableLook } from '../../context/output.js';
import { holderLines, holdersOf, holding } from '../../records/holders.js';
import { type AppReport, showApps } from '../../reports/app-reports.js';
import { statusRows } from '../../reports/status-rows.js';
import type { StatusOptions } from '../../session/flags.js';

/** `fleet status`: what each host runs now, and where it drifts; with `--verify`, file by file. */
export const status: Action<StatusOptions> = async (context, options) => {
  if (options.all === true && options.verify !== true) throw withoutVerify();
  const compared =
    options.verify === true ? ({ kind: options.all ? 'all' : 'current' } as const) : null;
  const [first, ...others] = await readAndCompare(context, options, compared);
  const look = { ...tableLook(context, options), all: options.verbose > 0 };
  const reportOf = async ({ target, surveys, verified }: VerifiedReading): Promise<AppReport> => {
    const { app, group } = target;
    const rows = statusRows(surveys, app);
    const holders = await holdersOf(context, target, holding(surveys));
    return {
      app: app.name,
      json: statusJson({ app: app.name, group }, rows, verified),
      lines: [
        ...statusLines(withErrors(rows, verified ?? []), look),
        ...(verified === null ? [] : ['', ...verifiedLines(verified, look)]),
        ...(verified === null ? [] : unitFileLines(rows, look.style)),
        ...(holders.length === 0 ? [] : ['', ...holderLines(context, target, holders)]),
      ],
      exitCode: exitFor(exitForSurveys(surveys), verified && { verified, rows }),
    };
  };
  const reports: AppReport[] = [];
  for (const reading of others) reports.push(await reportOf(reading));
  return showApps(context, options, [await reportOf(first), ...reports]);
};

const withoutVerify = (): FleetError =>
  new FleetError('usage', '--all needs --verify', {
    hint: 'fleet releases shows all releases of the hosts',
  });

/** A host that answered, and could not compare its files, is shown like one that was not read. */
function withErrors(
  rows: ReturnType<typeof statusRows>,
  verified: readonly VerifiedHost[],
): ReturnType<typeof statusRows> {
  const errors = new Map(verified.map(({ host, error }) => [host, error]));
  return rows.map((row) => ({ ...row, error: row.error ?? errors.get(row.host) }));
}

interface Found {
  readonly verified: readonly VerifiedHost[];
  readonly rows: ReturnType<typeof statusRows>;
}

/** 4 if files were changed or are gone: what fleet deployed is not what is there. Files that were added do not count. */
function exitFor(read: ExitCode, found: Found | null): ExitCode {
  if (read === EXIT.preflight || found === null) return read;
  const { verified, rows } = found;
  const isChanged = rows.some(({ unitFiles }) => (unitFiles ?? []).length > 0);
  if (isChanged || verified.some(({ releases }) => releases.some(isHarmed))) return EXIT.failed;
  return read === EXIT.ok && verified.some(({ error }) => error !== undefined)
    ? EXIT.partial
    : read;
}
