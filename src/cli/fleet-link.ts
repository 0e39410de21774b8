import pLimit from 'p-limit';
import { createHostClient, type HostClient } from '../host/client.js';
import { loadHostProgram } from '../host/program.js';
import type { App } from '../model/app.js';
import type { Endpoint, Host } from '../model/host.js';
import type { HostName } from '../model/names.js';
import type { Transport } from '../transport/port.js';
import { askPassphrase } from '../ui/prompt.js';
import type { ClosableTransport, Context } from './context.js';
import { createFleetTransport } from './fleet-transport.js';
import type { CommonOptions } from './options.js';
import { readSecret } from './secrets.js';

/** The connections of one command: opened when first used, closed together. */
export interface FleetLink {
  readonly transport: Transport;
  /** Runs at most `--forks` tasks at once. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** One client a host, for one app. */
  clients(app: App, hosts: readonly Host[]): ReadonlyMap<HostName, HostClient>;
  close(): Promise<void>;
}

export interface LinkOptions {
  /** Ends every attempt to connect. */
  readonly signal: AbortSignal;
  /** Clears the screen for a question. */
  readonly beforeAsking?: () => void;
}

/**
 * The link of one command, by its flags: `--forks`, `-vv` and `-vvv`, and whether a passphrase may
 * be asked for. Connects to nothing yet; the caller closes it.
 */
export function openLink(
  context: Context,
  options: CommonOptions,
  linkOptions: LinkOptions,
): FleetLink {
  const transport = context.transport ?? openSsh(context, options, linkOptions);
  return {
    transport,
    limit: pLimit(options.forks),
    clients(app, hosts) {
      const program = loadHostProgram();
      return new Map(
        hosts.map((host) => {
          const connect = () => transport.connect(host, linkOptions.signal);
          return [host.name, createHostClient({ connect, root: app.root, program })];
        }),
      );
    },
    close: () => transport.close(),
  };
}

function openSsh(
  context: Context,
  options: CommonOptions,
  { beforeAsking }: LinkOptions,
): ClosableTransport {
  const mayAsk = options.input && context.stdin.isTTY === true;
  const say = (host: Endpoint, message: string): void => {
    context.stderr.write(`${host.name}: ${message}\n`);
  };
  const ask = (question: string): Promise<string> => {
    beforeAsking?.();
    return askPassphrase(question, context);
  };
  return createFleetTransport({
    env: context.env,
    secret: (reference) => readSecret(context, reference),
    random: Math.random,
    ...(mayAsk ? { prompt: ask } : {}),
    ...(options.verbose >= 2 ? { log: say } : {}),
    ...(options.verbose >= 3 ? { trace: say } : {}),
  });
}
