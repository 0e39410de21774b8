import type { Command } from 'commander';
import { ownersOf, refuseForeignFolder } from '../config/owners.js';
import type { ExitCode } from '../errors/codes.js';
import type { Context } from './context.js';
import { type CommonOptions, withCommonOptions } from './options.js';

/** What a command is given to wire itself with. */
export interface Wiring {
  readonly context: Context;
  readonly setExit: (code: ExitCode) => void;
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
    await refuseForeignFolder(wiring.context.stateDir, ownersOf(wiring.context.env));
    const action = await spec.load();
    wiring.setExit(await action(wiring.context, extended.opts<Options>(), extended.args));
  });
}
