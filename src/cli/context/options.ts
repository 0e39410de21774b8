import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OutputMode } from '../../ui/terminal/terminal.js';

/** The flags that every command takes, as commander gives them. */
export interface CommonOptions {
  readonly config?: string;
  readonly inventory: readonly string[];
  readonly group: readonly string[];
  readonly limit?: string;
  readonly forks: number;
  readonly yes?: true;
  readonly json?: true;
  readonly output?: OutputMode;
  readonly quiet?: true;
  readonly verbose: number;
  readonly debug?: true;
  readonly color: boolean;
  readonly input: boolean;
}

/** Hosts worked on at once, where nobody says otherwise. */
const DEFAULT_FORKS = 100;

const OUTPUT_MODES = ['tree', 'plain', 'ndjson', 'quiet'] as const;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Adds the flags of every command; they read the same everywhere. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the fleet.yaml to use instead of the nearest upwards')
    .option('-i, --inventory <path>', 'inventory file or folder (repeatable)', collect, [])
    .option('-g, --group <name>', 'group of hosts (repeatable)', collect, [])
    .option('-l, --limit <pattern>', 'narrow the hosts: names, globs, "!" excludes')
    .option('-f, --forks <n>', 'hosts worked on at once', wholeNumber, DEFAULT_FORKS)
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print one JSON object on stdout and nothing else there')
    .addOption(new Option('--output <mode>', 'how progress is shown').choices(OUTPUT_MODES))
    .option('-q, --quiet', 'only failures and the end (--output quiet)')
    .option('-v, --verbose', 'say more (-vv: still more)', (_, before: number) => before + 1, 0)
    .option('--debug', 'show stacks of internal errors')
    .option('--no-color', 'no colours')
    .option('--no-input', 'never ask for anything');
}

/** Parses a count; refuses what is none. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
