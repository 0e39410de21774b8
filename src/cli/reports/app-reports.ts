import { EXIT, type ExitCode } from '../../errors/codes.js';
import { ofApps } from '../../ui/json/parts.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { printJson, printLines, styleFor } from '../context/output.js';

/** What a reading command shows of one app. */
export interface AppReport {
  readonly app: string;
  /** What `--json` prints of it. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * Shows one app as if there were no other; several below their names, or under `--json` as the list
 * `apps`. Returns the gravest exit code.
 */
export function showApps(
  context: Context,
  options: CommonOptions,
  reports: readonly [AppReport, ...AppReport[]],
): ExitCode {
  const [first, ...others] = reports;
  if (options.json === true) {
    printJson(context, others.length === 0 ? first.json : ofApps(reports.map(({ json }) => json)));
  } else if (others.length === 0) printLines(context.stdout, first.lines);
  else printLines(context.stdout, sections(reports, styleFor(context, options, 'stdout').bold));
  return gravest(reports.map(({ exitCode }) => exitCode));
}

function sections(
  reports: readonly AppReport[],
  bold: (text: string) => string,
): readonly string[] {
  return reports.flatMap(({ app, lines }, index) => [
    ...(index === 0 ? [] : ['']),
    bold(`App ${app}`),
    ...lines,
  ]);
}

/** From the gravest on. Hosts of one app that were read, and of another that were not, are a part. */
const ORDER = [
  EXIT.incomplete,
  EXIT.failed,
  EXIT.refused,
  EXIT.locked,
  EXIT.preflight,
  EXIT.partial,
];

function gravest(codes: readonly ExitCode[]): ExitCode {
  return ORDER.find((code) => codes.includes(code)) ?? EXIT.ok;
}
