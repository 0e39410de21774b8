import { type Command, InvalidArgumentError, Option } from 'commander';
import { shortLine } from '../../errors/printable.js';
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

/** Hosts worked on at once, unless `--forks` is given. */
const DEFAULT_FORKS = 100;

const OUTPUT_MODES = ['tree', 'plain', 'ndjson', 'quiet'] as const;

/** Gathers the values of a flag that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

/** Flags of every command that say which files and hosts it is about. */
export const withWhereFlags = (command: Command): Command =>
  command
    .option('-c, --config <file>', 'this fleet.yaml, instead of the nearest one upwards')
    .option('-i, --inventory <path>', 'an inventory file or folder (repeatable)', collect, [])
    .option('-g, --group <name>', 'a group of hosts (repeatable)', collect, [])
    .option('-l, --limit <pattern>', 'fewer hosts of it: names, globs, "!" excludes');

/** Flags of every command that say how it works. */
export const withHowFlags = (command: Command): Command =>
  command
    .option('-f, --forks <n>', 'hosts worked on at once', wholeNumber, DEFAULT_FORKS)
    .option('-y, --yes', 'do not ask')
    .option('--no-input', 'never ask for anything');

/** Flags of every command that say what it shows. */
export const withOutputFlags = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object on stdout and nothing else there')
    .addOption(new Option('--output <mode>', 'how progress is shown').choices(OUTPUT_MODES))
    .option('-q, --quiet', 'only failures and the end (--output quiet)')
    .option(
      '-v, --verbose',
      'show more (-vv, -vvv: still more)',
      (_, before: number) => before + 1,
      0,
    )
    .option('--debug', 'show stacks of internal errors')
    .option('--no-color', 'no colours');

/** What people may say about why they do it. */
export interface ReasonOption {
  /** One line, cleaned and cut; undefined if none was given. */
  readonly reason?: string;
}

export const withReason = <Parent extends Command>(command: Parent): Parent =>
  command
    .option('--reason <text>', 'why you do it; kept in every record', reasonText)
    // Empty, e.g. an unset variable in a job: as if it was not given.
    .hook('preAction', (_, action) => {
      if (action.getOptionValue('reason') === '') action.setOptionValue('reason', undefined);
    });

/** Enough for a sentence and a link; every event that has it stays one short line. */
const LONGEST_REASON = 500;

const reasonText = (text: string): string => shortLine(text, LONGEST_REASON);

/** Parses a count; refuses everything else. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
