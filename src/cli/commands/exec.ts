import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import { quoteAll } from '../../host/quote.js';
import { countText } from '../../model/count-text.js';
import type { Host } from '../../model/host.js';
import { createKeepBudget, type KeepBudget } from '../../transport/keep-budget.js';
import type { ExecOutcome, Transport } from '../../transport/port.js';
import type { Action } from '../command.js';
import { type HostExec, writeExecJson, writeFolded } from '../exec-output.js';
import type { CommonOptions } from '../options.js';
import { printWarning, styleFor } from '../output.js';
import { withLink } from '../reading.js';
import { openTarget } from '../workspace.js';

/** An hour: long enough for what people run by hand, short enough to end. */
const EXEC_TIMEOUT_MS = 3_600_000;
/** What is kept of the output of all hosts together; of one stream of one host, at most 1 MiB. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** `fleet exec -g GROUP -- CMD…`: an ad-hoc command on every host, the same output folded. */
export const exec: Action<CommonOptions> = async (context, options, args) => {
  const command = args.length === 1 ? (args[0] ?? '') : quoteAll(args);
  if (command.trim() === '') throw new FleetError('usage', 'there is no command to run');
  const { hosts } = await openTarget(context, options);
  const budget = createKeepBudget(KEPT_BYTES, hosts.length);
  const results = await withLink(context, options, ({ transport, limit }, signal) => {
    transport.expect?.(hosts);
    return Promise.all(
      hosts.map((host) => limit(() => execOn(transport, { host, command, budget, signal }))),
    );
  });
  const cut = results.filter(({ truncated }) => truncated).length;
  if (cut > 0) {
    printWarning(
      context,
      `the output of ${countText(cut, 'host')} was cut: 1 MiB of a stream is kept, 64 MiB of all hosts together`,
    );
  }
  if (options.json === true) await writeExecJson(context, command, results);
  else await writeFolded(context, styleFor(context, options, 'stdout'), results);
  return exitFor(results);
};

interface ExecRequest {
  readonly host: Host;
  readonly command: string;
  readonly budget: KeepBudget;
  readonly signal: AbortSignal;
}

async function execOn(
  transport: Transport,
  { host, command, budget, signal }: ExecRequest,
): Promise<HostExec> {
  signal.throwIfAborted();
  const connected = await transport.connect(host, signal);
  if (connected.kind === 'failed') {
    const error = connected.failure.message;
    return { host: host.name, ...NOTHING, error };
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
      return { exit: null, ...kept, error: 'did not end in time' };
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
  return results.some(({ exit }) => exit !== null && exit !== 0) ? EXIT.rolledBack : EXIT.preflight;
}
