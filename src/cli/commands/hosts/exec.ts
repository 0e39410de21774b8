import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { execLogCommand } from '../../../host/exec-log.js';
import { loadHostProgram } from '../../../host/program.js';
import { quoteAll } from '../../../host/quote.js';
import type { Host } from '../../../model/hosts/host.js';
import { countText } from '../../../model/text/count-text.js';
import { createKeepBudget, type KeepBudget } from '../../../transport/keep-budget.js';
import type { ExecOutcome, Transport } from '../../../transport/port.js';
import { withLink } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import { hostFields, noted, tally } from '../../context/noted.js';
import { printWarning, styleFor } from '../../context/output.js';
import { openHosts, type SelectedHosts } from '../../context/workspace.js';
import { type HostExec, writeExecJson, writeFolded } from '../../reports/exec-output.js';
import type { ExecOptions } from '../../session/flags.js';

/** An hour: long enough for what people run by hand, short enough to end. */
const EXEC_TIMEOUT_MS = 3_600_000;
/** The trace is not a condition: a host that does not write it in this time runs the command anyway. */
const TRACE_TIMEOUT_MS = 10_000;
/** What is kept of the output of all hosts together; of one stream of one host, at most 1 MiB. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** `fleet exec -g GROUP CMD…`: an ad-hoc command on every host; equal output is shown once. */
export const exec: Action<ExecOptions> = async (context, options, args) => {
  const command = args.length === 1 ? (args[0] ?? '') : quoteAll(args);
  if (command.trim() === '') {
    throw new FleetError('usage', 'no command was given', { hint: 'fleet exec -g GROUP COMMAND' });
  }
  refuseLateGroup(options, args);
  const target = await openHosts(context, options);
  const budget = createKeepBudget(KEPT_BYTES, target.hosts.length);
  const program = loadHostProgram();
  const tracesOn = (host: Host): readonly string[] =>
    target.appsOn(host).map(({ root }) => execLogCommand({ program, root, by: context.identity }));
  const results = await noted(
    context,
    { ...deedOf(target, command, options), reason: options.reason },
    () =>
      withLink(context, options, ({ transport, limit }, signal) => {
        transport.expect?.(target.hosts);
        return Promise.all(
          target.hosts.map((host) =>
            limit(() =>
              execOn(transport, { host, command, traces: tracesOn(host), budget, signal }),
            ),
          ),
        );
      }),
  );
  const cut = results.filter(({ truncated }) => truncated).length;
  if (cut > 0) {
    printWarning(
      context,
      `the output of ${countText(cut, 'host')} was cut: fleet keeps 1 MiB of a stream, and 64 MiB of all hosts together`,
    );
  }
  if (options.json === true) await writeExecJson(context, command, results);
  else await writeFolded(context, styleFor(context, options, 'stdout'), results);
  return exitFor(results);
};

/** Refuses `fleet exec uptime -g prod`: every other command would read `-g` there. */
function refuseLateGroup(options: ExecOptions, [program = '', ...words]: readonly string[]): void {
  if (options.group.length > 0 || !words.some((word) => /^(-g|--group(=|$))/.test(word))) return;
  throw new FleetError(
    'usage',
    `no group is named: everything after ${program} belongs to the command`,
    {
      hint: `put options of fleet before it: fleet exec -g GROUP ${program} …`,
    },
  );
}

interface ExecRequest {
  readonly host: Host;
  readonly command: string;
  /** What leaves a line in the log that the host has of each app, before the command. */
  readonly traces: readonly string[];
  readonly budget: KeepBudget;
  readonly signal: AbortSignal;
}

function deedOf({ apps, group, hosts }: SelectedHosts, command: string, options: ExecOptions) {
  const fields = {
    app: apps.map(({ name }) => name).join(','),
    group,
    command: options.logCommand ? loggedCommand(command) : nameOf(command),
    ...hostFields(hosts.map(({ name }) => name)),
  };
  const outcome = (ran: readonly HostExec[]) => ({ exit: `${exitFor(ran)}`, ends: endsOf(ran) });
  return { kind: 'exec', fields, outcome } as const;
}

/** In characters: enough of a script to recognise it in a log. */
const LOGGED_COMMAND = 4096;

function loggedCommand(command: string): string {
  const cut = command.length - LOGGED_COMMAND;
  return cut <= 0 ? command : `${command.slice(0, LOGGED_COMMAND)} and ${cut} characters more`;
}

/** The program alone; nothing of a command that begins with anything else, e.g. a variable's value. */
function nameOf(command: string): string {
  const [first = ''] = command.trim().split(/\s/);
  return /^[\w./+-]+$/.test(first) ? first : '-';
}

const endsOf = (results: readonly HostExec[]): string =>
  tally(results.map(({ exit }) => (exit === null ? 'none' : `${exit}`)));

async function execOn(
  transport: Transport,
  { host, command, traces, budget, signal }: ExecRequest,
): Promise<HostExec> {
  signal.throwIfAborted();
  const connected = await transport.connect(host, signal);
  if (connected.kind === 'failed') {
    const error = connected.failure.message;
    return { host: host.name, ...NOTHING, error };
  }
  for (const trace of traces) {
    await connected.connection.exec(trace, { timeoutMs: TRACE_TIMEOUT_MS, signal, keepBytes: 0 });
  }
  const options = { timeoutMs: EXEC_TIMEOUT_MS, budget, signal };
  const outcome = await connected.connection.exec(command, options);
  await connected.connection.close();
  signal.throwIfAborted();
  return { host: host.name, ...readOutcome(outcome) };
}

function readOutcome(outcome: ExecOutcome): Omit<HostExec, 'host'> {
  if (outcome.kind === 'aborted') return { ...NOTHING, error: 'aborted' };
  const kept = {
    stdout: Buffer.from(outcome.stdout),
    stderr: Buffer.from(outcome.stderr),
    truncated: outcome.truncated,
  };
  switch (outcome.kind) {
    case 'exited':
      return { exit: outcome.code, ...kept, error: null };
    case 'signalled':
      return { exit: null, ...kept, error: `ended by ${outcome.signal}` };
    case 'timed-out':
      return { exit: null, ...kept, error: 'did not end within an hour' };
    case 'lost':
    case 'flooded':
      return { exit: null, ...kept, error: outcome.message };
  }
}

const NOTHING = {
  exit: null,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  truncated: false,
} as const;

function exitFor(results: readonly HostExec[]): ExitCode {
  if (results.every(({ exit }) => exit === 0)) return EXIT.ok;
  return results.some(({ exit }) => exit !== null && exit !== 0) ? EXIT.failed : EXIT.preflight;
}
