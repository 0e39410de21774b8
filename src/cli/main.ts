import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from '../errors/codes.js';
import { FleetError } from '../errors/fleet-error.js';
import { printable } from '../errors/printable.js';
import { registerCommands } from './commands/index.js';
import { type Context, processContext } from './context.js';
import { reportError } from './report-error.js';
import { VERSION } from './version.js';

/** Parses the arguments, runs the command, and answers with the exit code. Never rejects. */
export async function run(
  argv: readonly string[],
  context: Context = processContext(),
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endParsing(error, context, argv);
    return reportError(error, context, argv);
  }
}

/** Help and the version are no errors; commander has told the rest on stderr already. */
function endParsing(error: CommanderError, context: Context, argv: readonly string[]): ExitCode {
  if (error.exitCode === 0) return EXIT.ok;
  const message = error.message.replace(/^error: /, '');
  return argv.includes('--json')
    ? reportError(new FleetError('usage', message), context, argv)
    : EXIT.refused;
}

/** Every command, wired to the context; `setExit` is called with the exit code of the one that ran. */
export function createProgram(context: Context, setExit: (code: ExitCode) => void): Command {
  const program = new Command('fleet')
    .description('Deploy and roll back releases over a fleet of servers, over plain SSH.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(printable(text)),
      writeErr: (text) => context.stderr.write(printable(text)),
    })
    .showHelpAfterError('(--help shows the usage)');
  registerCommands(program, { context, setExit });
  return program;
}
