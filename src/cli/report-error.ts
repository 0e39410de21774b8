import { maskUrls } from '../errors/bare-url.js';
import { EXIT, type ExitCode } from '../errors/codes.js';
import { fileProblem } from '../errors/file-problem.js';
import { FleetError, type SourceLocation } from '../errors/fleet-error.js';
import { printable } from '../errors/printable.js';
import { reasonOf } from '../errors/reason.js';
import { safeJson } from '../errors/unicode-escape.js';
import { wantsColor } from '../ui/terminal/terminal.js';
import { renderError } from '../ui/text/problems.js';
import { Declined } from './context/consent.js';
import type { Outputs } from './context/context.js';
import { printLines } from './context/output.js';

/** Says what went wrong, to a person on stderr or as `--json` on stdout, and gives the exit code. */
export function reportError(error: unknown, context: Outputs, argv: readonly string[]): ExitCode {
  // Nothing after two dashes is a flag of fleet.
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  const known = asFleetError(error);
  const { exitCode } = known;
  if (flags.includes('--json')) {
    const { code, message, hint } = known;
    const location = masked(known.location);
    const problems = known.problems.map((each) => ({ ...each, location: masked(each.location) }));
    const body = { schemaVersion: 1, exitCode, error: { code, message, hint, location, problems } };
    context.stdout.write(`${safeJson(body)}\n`);
  } else if (error instanceof Declined) {
    context.stderr.write('Not confirmed; nothing was changed.\n');
  } else {
    const color = wantsColor(context.env, context.stderr, flags.includes('--no-color'));
    printLines(context.stderr, renderError(known, { color }));
  }
  if (flags.includes('--debug') && exitCode === EXIT.internal && error instanceof Error) {
    context.stderr.write(`${printable(error.stack ?? '')}\n`);
  }
  return exitCode;
}

/** The line of a file that is shown may hold a URL with a password. */
const masked = (place: SourceLocation | undefined): SourceLocation | undefined =>
  place && { ...place, text: maskUrls(place.text) };

function asFleetError(error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new FleetError('interrupted', 'interrupted');
  }
  // The owner of this machine can fix what the system refuses, wherever it happened.
  const problem = fileProblem(error);
  if (problem !== null) return problem;
  const message = reasonOf(error);
  return new FleetError('internal', `internal error: ${message}`, {
    hint: 'this is a bug in fleet; run the command again with --debug to see where',
    cause: error,
  });
}
