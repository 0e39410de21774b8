import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printable } from '../../errors/printable.js';
import { quoteAll } from '../../host/quote.js';
import type { Host } from '../../model/host.js';
import { namesText } from '../../model/name-ranges.js';
import type { ExecOutcome, Transport } from '../../transport/port.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { hostFields, noted, tally } from '../noted.js';
import type { CommonOptions } from '../options.js';
import { printJson, styleFor } from '../output.js';
import { withLink } from '../reading.js';
import { openTarget } from '../workspace.js';

/** An hour: long enough for what people run by hand, short enough to end. */
const EXEC_TIMEOUT_MS = 3_600_000;

export interface ExecOptions extends CommonOptions {
  readonly logCommand: boolean;
}

interface HostExec {
  readonly host: string;
  /** The exit code, or null where the command did not end by itself. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True where it printed more than is kept: the beginning of stdout, the end of stderr. */
  readonly truncated: boolean;
  /** Why there is no exit code. */
  readonly error: string | null;
}

/** `fleet exec -g GROUP -- CMD…`: an ad-hoc command on every host, the same output folded. */
export const exec: Action<ExecOptions> = async (context, options, args) => {
  const command = args.length === 1 ? (args[0] ?? '') : quoteAll(args);
  if (command.trim() === '') throw new FleetError('usage', 'there is no command to run');
  const { app, group, hosts } = await openTarget(context, options);
  const fields = {
    app: app.name,
    group,
    command: options.logCommand ? loggedCommand(command) : nameOf(command),
    ...hostFields(hosts.map(({ name }) => name)),
  };
  const outcome = (ran: readonly HostExec[]) => ({ exit: `${exitFor(ran)}`, ends: endsOf(ran) });
  const results = await noted(context, { kind: 'exec', fields, outcome }, () =>
    withLink(context, options, ({ transport, limit }, signal) => {
      transport.expect?.(hosts);
      return Promise.all(
        hosts.map((host) => limit(() => execOn(transport, { host, command, signal }))),
      );
    }),
  );
  if (options.json === true) printJson(context, { schemaVersion: 1, command, hosts: results });
  else printFolded(context, options, results);
  return exitFor(results);
};

/** A log is to be read; the beginning of a script says which it is. */
const LOGGED_COMMAND = 4096;

function loggedCommand(command: string): string {
  const cut = command.length - LOGGED_COMMAND;
  return cut <= 0 ? command : `${command.slice(0, LOGGED_COMMAND)} and ${cut} characters more`;
}

/** The program alone; nothing of a command that begins with anything else, a variable's value say. */
function nameOf(command: string): string {
  const [first = ''] = command.trim().split(/\s/);
  return /^[\w./+-]+$/.test(first) ? first : '-';
}

const endsOf = (results: readonly HostExec[]): string =>
  tally(results.map(({ exit }) => (exit === null ? 'none' : `${exit}`)));

async function execOn(
  transport: Transport,
  { host, command, signal }: { host: Host; command: string; signal: AbortSignal },
): Promise<HostExec> {
  signal.throwIfAborted();
  const connected = await transport.connect(host, signal);
  if (connected.kind === 'failed') {
    const error = connected.failure.message;
    return { host: host.name, ...NOTHING, error };
  }
  const outcome = await connected.connection.exec(command, { timeoutMs: EXEC_TIMEOUT_MS, signal });
  await connected.connection.close();
  signal.throwIfAborted();
  return { host: host.name, ...readOutcome(outcome) };
}

function readOutcome(outcome: ExecOutcome): Omit<HostExec, 'host'> {
  if (outcome.kind === 'aborted') return { ...NOTHING, error: 'aborted' };
  const text = {
    stdout: printable(outcome.stdout),
    stderr: printable(outcome.stderr),
    truncated: outcome.kind === 'exited' && outcome.truncated,
  };
  switch (outcome.kind) {
    case 'exited':
      return { exit: outcome.code, ...text, error: null };
    case 'signalled':
      return { exit: null, ...text, error: `ended by ${outcome.signal}` };
    case 'timed-out':
      return { exit: null, ...text, error: 'did not end in time' };
    case 'lost':
      return { exit: null, ...text, error: outcome.message };
  }
}

const NOTHING = { exit: null, stdout: '', stderr: '', truncated: false } as const;

/** One block for all hosts that answered alike. */
function printFolded(context: Context, options: CommonOptions, results: readonly HostExec[]): void {
  const style = styleFor(context, options, 'stdout');
  const alike = new Map<string, HostExec[]>();
  for (const result of results) {
    const key = JSON.stringify([result.exit, result.stdout, result.stderr, result.error]);
    alike.set(key, [...(alike.get(key) ?? []), result]);
  }
  for (const hosts of alike.values()) {
    const [first] = hosts;
    if (first === undefined) continue;
    const end = first.error ?? (first.exit === 0 ? '' : `exit ${first.exit}`);
    const cut = first.truncated ? '  cut: it printed more than is shown' : '';
    const names = namesText(hosts.map(({ host }) => host));
    const title = `${names}${hosts.length > 1 ? ` (${hosts.length})` : ''}`;
    context.stdout.write(`${style.bold(title)}${end === '' ? '' : style.red(`  ${end}`)}${cut}\n`);
    for (const text of [first.stdout, first.stderr]) {
      if (text !== '') context.stdout.write(text.replace(/\n?$/, '\n').replace(/^(?=.)/gm, '  '));
    }
  }
}

function exitFor(results: readonly HostExec[]): ExitCode {
  if (results.every(({ exit }) => exit === 0)) return EXIT.ok;
  return results.some(({ exit }) => exit !== null && exit !== 0) ? EXIT.rolledBack : EXIT.preflight;
}
