import type { Command } from 'commander';
import { ownersOf, refuseForeignFolder } from '../../config/paths/owners.js';
import type { ExitCode } from '../../errors/codes.js';
import type { Context } from './context.js';
import { filled } from './identity.js';
import { type CommonOptions, withCommonOptions } from './options.js';

/** What a command is given to wire itself with. */
export interface Wiring {
  readonly context: Context;
  readonly setEnd: (end: CommandEnd) => void;
}

/** How a command has ended. */
export interface CommandEnd {
  readonly exitCode: ExitCode;
  /** True where it has changed nothing, so that what it shows is all there is of it. */
  readonly isReading: boolean;
}

/** A command's work: from its options and arguments to an exit code. */
export type Action<Options extends CommonOptions> = (
  context: Context,
  options: Options,
  args: readonly string[],
) => Promise<ExitCode>;

/**
 * Adds a command with the common flags. `load` imports what it needs only when it runs, so that
 * `fleet --help` stays quick.
 */
export function addCommand<Options extends CommonOptions>(
  parent: Command,
  wiring: Wiring,
  spec: {
    readonly usage: string;
    readonly summary: string;
    /** Whether it changes nothing, by its options. Default: it may. */
    readonly isReading?: (options: Options) => boolean;
    readonly extend?: (command: Command) => Command;
    readonly load: () => Promise<Action<Options>>;
  },
): Command {
  const command = parent
    .command(spec.usage)
    .description(spec.summary)
    .exitOverride()
    .copyInheritedSettings(parent);
  const extended = withCommonOptions(spec.extend?.(command) ?? command);
  return extended.action(async () => {
    const { stateDir, env } = wiring.context;
    const mayShare = filled(env.FLEET_STATE_DIR) !== undefined;
    await refuseForeignFolder(stateDir, ownersOf(env), mayShare);
    const action = await spec.load();
    const options = extended.opts<Options>();
    const exitCode = await action(wiring.context, options, extended.args);
    wiring.setEnd({ exitCode, isReading: spec.isReading?.(options) ?? false });
  });
}

/** For a command that never changes anything. */
export const always = (): boolean => true;
