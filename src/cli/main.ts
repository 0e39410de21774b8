import { join } from 'node:path';
import { type Argument, Command, CommanderError, type Option } from 'commander';
import { EXIT, type ExitCode } from '../errors/codes.js';
import { FleetError } from '../errors/fleet-error.js';
import { printable } from '../errors/printable.js';
import { type CommandEnd, helpText } from './context/command.js';
import { type Context, processContext, processOutputs } from './context/context.js';
import { lossOf } from './context/outlet.js';
import { VERSION } from './context/version.js';
import { reportError } from './report-error.js';
import { ofStateFolder } from './reports/state-problem.js';
import { registerCommands } from './wiring/index.js';

/** Parses the arguments, runs the command, and answers with the exit code. Never rejects. */
export async function run(argv: readonly string[], given?: Context): Promise<ExitCode> {
  let context: Context;
  try {
    context = given ?? processContext();
  } catch (error) {
    return reportError(error, processOutputs(), argv);
  }
  let end: CommandEnd = { exitCode: EXIT.ok, isReading: true };
  const program = createProgram(context, (ended) => {
    end = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const flags = ownFlags(program, argv);
    const exitCode =
      error instanceof CommanderError
        ? endParsing(error, context, flags)
        : reportError(await ofStateFolder(error, context.stateDir), context, flags);
    end = { exitCode, isReading: true };
  }
  return judgeOutput(context, end, ownFlags(program, argv));
}

/** A parsed command line without the words of `exec`: a `--json` there is the command's, not fleet's. */
function ownFlags(program: Command, argv: readonly string[]): readonly string[] {
  const [name] = argv;
  const exec = program.commands.find((command) => command.name() === 'exec');
  const others = name === exec?.name() ? (exec?.args.length ?? 0) : 0;
  return argv.slice(0, argv.length - others);
}

/**
 * A command that only shows something has failed where that could not be shown. One that has changed
 * something ends as that went, and says what is missing. Said on stderr: stdout is what was lost.
 */
async function judgeOutput(
  context: Context,
  { exitCode, isReading }: CommandEnd,
  argv: readonly string[],
): Promise<ExitCode> {
  const loss = await lossOf(context.stdout);
  if (loss === null) return exitCode;
  const message = `not all of the output could be written to stdout: ${loss.message}`;
  if (isReading && exitCode === EXIT.ok) {
    const hint = 'nothing was changed; free some space or redirect the output, then run it again';
    const error = new FleetError('output_lost', message, { hint });
    return reportError(
      error,
      context,
      argv.filter((flag) => flag !== '--json'),
    );
  }
  const where = isReading ? '' : `; what was done is in ${join(context.stateDir, 'deploy.log')}`;
  context.stderr.write(`warning: ${message}${where}\n`);
  return exitCode;
}

/** Help and the version are no errors; commander has written the rest to stderr already. */
function endParsing(error: CommanderError, context: Context, argv: readonly string[]): ExitCode {
  if (error.exitCode === EXIT.ok) return EXIT.ok;
  const message = error.message.replace(/^error: /, '');
  return argv.includes('--json')
    ? reportError(new FleetError('usage', message), context, argv)
    : EXIT.refused;
}

/** A flag's text, its choices, and its default where that is a value: not an empty list, not `true`. */
function describeOption({ description, argChoices, defaultValue, required }: Option): string {
  const choices = argChoices === undefined ? [] : [`(${argChoices.join(', ')})`];
  const isValue =
    required && (typeof defaultValue === 'number' || typeof defaultValue === 'string');
  return [description, ...choices, ...(isValue ? [`(default: ${defaultValue})`] : [])].join(' ');
}

/** A command in the list of its parent, without `[options]`, which all have. */
function termOf(command: Command): string {
  return [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' ');
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Every command, wired to the context; `setEnd` gets how the one that ran has ended. */
export function createProgram(context: Context, setEnd: (end: CommandEnd) => void): Command {
  const program = new Command('fleet')
    .description(
      helpText({
        purpose: 'deploy and roll back releases over a fleet of servers, over plain SSH',
        examples: ['fleet init', 'fleet plan deploy -g prod', 'fleet deploy -g prod'],
      }),
    )
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ optionDescription: describeOption, subcommandTerm: termOf })
    .exitOverride()
    // Options belong to the command that they follow, so that `exec` may leave those of its own alone.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => context.stdout.write(printable(text)),
      writeErr: (text) => context.stderr.write(printable(text)),
    })
    .showHelpAfterError('(--help shows the usage)');
  registerCommands(program, { context, setEnd });
  return program;
}
