import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../model/duration.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** The flags of every command that carries a run out. */
export interface RunOptions extends CommonOptions {
  /** How long to wait for another run to end, in milliseconds. */
  readonly lockWait?: number;
  readonly onPause?: 'wait' | 'exit';
}

export const withRunFlags = (command: Command): Command =>
  command
    .option('--lock-wait <duration>', 'wait so long for another run to end, 5m say', duration)
    .addOption(
      new Option(
        '--on-pause <what>',
        'wait to be resumed (default in a terminal), or exit with 8 and be resumed later',
      ).choices(['wait', 'exit']),
    );

/** A run without a terminal has nobody who would see that it waits. */
export function onPause(context: Context, options: RunOptions): 'wait' | 'exit' {
  return options.onPause ?? (context.stderr.isTTY === true ? 'wait' : 'exit');
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('It must be a duration such as 30s, 5m or 1h.');
}
