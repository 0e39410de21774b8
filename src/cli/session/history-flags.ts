import { type Command, Option } from 'commander';
import { RUN_KINDS, type RunKind } from '../../model/run-kind.js';
import { RUN_STATES, type RunState } from '../../model/runs/run.js';
import { type CommonOptions, wholeNumber } from '../context/options.js';

export interface PeriodOptions extends CommonOptions {
  readonly since?: string;
  readonly until?: string;
  readonly csv?: true;
}

export interface HistoryOptions extends PeriodOptions {
  readonly last: number;
  readonly before?: string;
  readonly host?: string;
  readonly at?: string;
  readonly by?: string;
  readonly state?: RunState | 'open';
  readonly release?: string;
  readonly kind?: RunKind;
}

const withPeriod = (command: Command): Command =>
  command
    .option('--since <time>', 'started then or later: 2w, 2026-01-31, "2026-01-31 16:41"')
    .option('--until <time>', 'started before then; a day counts as a whole');

const withCsv = (command: Command): Command =>
  command.option('--csv', 'print a table for spreadsheets (RFC 4180) on stdout');

export const withHistoryFlags = (command: Command): Command =>
  withCsv(
    withPeriod(command.option('-n, --last <n>', 'how many runs', wholeNumber, 20))
      .option('--before <run>', 'runs older than this one: the next page')
      .option('--host <name>', 'runs that had this host')
      .option('--at <time>', 'with --host: which release it was on then')
      .option('--by <person>', 'runs of this user, or of user@bastion')
      .addOption(
        new Option('--state <state>', 'runs that ended so; open: without an end').choices([
          ...RUN_STATES,
          'open',
        ]),
      )
      .option('--release <release>', 'a version, or a prefix of an id or a commit')
      .addOption(new Option('--kind <kind>', 'one kind of run').choices(RUN_KINDS)),
  );

export const withStatsFlags = (command: Command): Command => withCsv(withPeriod(command));
