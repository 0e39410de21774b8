import type { Command } from 'commander';
import { ownersOf, refuseForeignFolder } from '../../config/paths/owners.js';
import type { ExitCode } from '../../errors/codes.js';
import { hasWaiting } from '../../notify/deliver/outbox-names.js';
import type { Context } from './context.js';
import { filled } from './identity.js';
import { type CommonOptions, withHowFlags, withOutputFlags, withWhereFlags } from './options.js';

/** What a command is wired with. */
export interface Wiring {
  readonly context: Context;
  readonly setEnd: (end: CommandEnd) => void;
}

/** How a command has ended. */
export interface CommandEnd {
  readonly exitCode: ExitCode;
  /** True if it changed nothing: its output is its only result. */
  readonly isReading: boolean;
}

/** A command's work: from its options and arguments to an exit code. */
export type Action<Options extends CommonOptions> = (
  context: Context,
  options: Options,
  args: readonly string[],
) => Promise<ExitCode>;

/** A command as it is declared. */
interface CommandSpec<Options extends CommonOptions> {
  readonly usage: string;
  /** What it does: one line of help. */
  readonly purpose: string;
  /** Commands as one would type them, shown in its help. */
  readonly examples: readonly [string, ...string[]];
  /** Adds its arguments, and the flags that say what it is to do. */
  readonly what?: (command: Command) => Command;
  /** Adds flags that say how it is to go about it. */
  readonly how?: (command: Command) => Command;
  /** Adds flags that say what it writes for other programs. */
  readonly records?: (command: Command) => Command;
  /** Whether it changes nothing, by its options. Default: it may. */
  readonly isReading?: (options: Options) => boolean;
  /** True if it works on the outbox of notices itself. */
  readonly ownsOutbox?: true;
  readonly load: () => Promise<Action<Options>>;
}

/**
 * Adds a command with the common flags. `load` imports what it needs only when it runs, so that
 * `fleet --help` stays quick.
 */
export function addCommand<Options extends CommonOptions>(
  parent: Command,
  wiring: Wiring,
  spec: CommandSpec<Options>,
): Command {
  const command = parent
    .command(spec.usage)
    .summary(spec.purpose)
    .description(helpText(spec))
    .exitOverride()
    .copyInheritedSettings(parent);
  addFlags(command, spec);
  return command.action(async () => {
    const { stateDir, env } = wiring.context;
    const mayShare = filled(env.FLEET_STATE_DIR) !== undefined;
    await refuseForeignFolder(stateDir, ownersOf(env), mayShare);
    const action = await spec.load();
    const options = command.opts<Options>();
    const exitCode = await withLeftNotices(wiring.context, spec, () =>
      action(wiring.context, options, command.args),
    );
    wiring.setEnd({ exitCode, isReading: spec.isReading?.(options) ?? false });
  });
}

/** Notices that earlier commands left are sent while this one works. */
async function withLeftNotices<Result>(
  context: Context,
  { ownsOutbox }: Pick<CommandSpec<CommonOptions>, 'ownsOutbox'>,
  work: () => Promise<Result>,
): Promise<Result> {
  if (ownsOutbox === true || !isAnyLeft(context.stateDir)) return work();
  const { sendLeftNotices } = await import('../notify/left-notices.js');
  const left = sendLeftNotices(context);
  try {
    return await work();
  } finally {
    await left.end();
  }
}

/** A command never fails for them. */
function isAnyLeft(stateDir: string): boolean {
  try {
    return hasWaiting(stateDir);
  } catch {
    return false;
  }
}

/** The flags of a command under their headings: what, where, how, what it writes, and how it is shown. */
function addFlags(
  command: Command,
  { what, how, records }: Pick<CommandSpec<CommonOptions>, 'what' | 'how' | 'records'>,
): void {
  command.optionsGroup('What:');
  what?.(command);
  withWhereFlags(command.optionsGroup('Where:'));
  command.optionsGroup('How:');
  how?.(command);
  withHowFlags(command);
  if (records !== undefined) records(command.optionsGroup('Records:'));
  withOutputFlags(command.optionsGroup('Output:')).helpOption('-h, --help', 'show this help');
}

/** One line of purpose, then the examples. */
export function helpText({
  purpose,
  examples,
}: Pick<CommandSpec<CommonOptions>, 'purpose' | 'examples'>): string {
  const lines = examples.map((example) => `  $ ${example}`);
  return [`${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}.`, '', 'Examples:', ...lines].join(
    '\n',
  );
}

/** Adds a name under which commands are grouped, e.g. `lock`. */
export function addGroup(
  parent: Command,
  group: Pick<CommandSpec<CommonOptions>, 'usage' | 'purpose' | 'examples'>,
): Command {
  return parent
    .command(group.usage)
    .summary(group.purpose)
    .description(helpText(group))
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command');
}

/** For a command that never changes anything. */
export const always = (): boolean => true;
