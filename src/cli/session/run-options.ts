import { type Command, InvalidArgumentError, Option } from 'commander';
import type { App } from '../../model/runs/app.js';
import type { Size } from '../../model/runs/policy.js';
import { parseSize } from '../../model/runs/size.js';
import { parseDuration } from '../../model/text/duration.js';
import type { Context } from '../context/context.js';
import { type CommonOptions, type ReasonOption, withReason } from '../context/options.js';

/** The flags of every command that carries a run out. */
export interface RunOptions extends CommonOptions, ReasonOption {
  /** How long to wait for another run to end, in milliseconds. */
  readonly lockWait?: number;
  readonly onPause?: 'wait' | 'exit';
  /** Instead of the policy's. */
  readonly maxUnavailable?: TypedSize;
  /** Where the plan is written, for `fleet apply`. */
  readonly out?: string;
  /** In an emergency: start without the approval that is needed. */
  readonly withoutApproval?: true;
  /** What is written of the run for other programs. */
  readonly logFile?: string;
  readonly metricsDir?: string;
  readonly junit?: string;
  readonly dotenv?: string;
  /** The source of the release, for commands that have `--from`. */
  readonly from?: string;
}

/** A number of hosts, and as it was typed. */
export interface TypedSize {
  readonly size: Size;
  readonly text: string;
}

export const withRunFlags = (command: Command): Command =>
  withReason(command)
    .option('--lock-wait <duration>', 'wait this long for another run to end, e.g. 5m', duration)
    .addOption(
      new Option(
        '--on-pause <what>',
        'wait for fleet resume (default in a terminal), or exit with 8',
      ).choices(['wait', 'exit']),
    );

/** What is written of the run for other programs. */
export const withRecordFlags = (command: Command): Command =>
  command
    .option('--log-file <file>', 'add its events to this file, as JSON lines (FLEET_LOG_FILE)')
    .option('--metrics-dir <dir>', 'write metrics for node_exporter there (FLEET_METRICS_DIR)')
    .option('--junit <file>', 'write the result of each host as JUnit XML')
    .option(
      '--dotenv <file>',
      'write the result as variables for later jobs, as GitLab reads them',
    );

/** For commands that start a run which may need a second person. */
export const withApprovalFlag = (command: Command): Command =>
  command.option(
    '--without-approval',
    'in an emergency, if fleet.yaml allows it: do not wait for approval; needs --reason',
  );

/** How many hosts may be out of service, for this run alone. */
export const withBudgetFlag = (command: Command): Command =>
  command.option(
    '--max-unavailable <n|p%>',
    'how many hosts may be out of service at once, instead of max_unavailable',
    typedSize,
  );

/** The app with its policy as the command line changes it. */
export function withOptions(app: App, { maxUnavailable }: RunOptions): App {
  if (maxUnavailable === undefined) return app;
  return { ...app, policy: { ...app.policy, maxUnavailable: maxUnavailable.size } };
}

function typedSize(text: string): TypedSize {
  const size = parseSize(text);
  if (size !== null && text !== '0' && text !== '0%') return { size, text };
  throw new InvalidArgumentError(
    'It must be a number of hosts above 0, or a percentage such as 25%.',
  );
}

/** Without a terminal, no one would see that the run waits. */
export function onPause(context: Context, options: RunOptions): 'wait' | 'exit' {
  return options.onPause ?? (context.stderr.isTTY === true ? 'wait' : 'exit');
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('It must be a duration such as 30s, 5m or 1h.');
}
