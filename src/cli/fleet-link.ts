import pLimit from 'p-limit';
import { createHostClient } from '../host/client.js';
import { createHostClients, type HostClients } from '../host/clients.js';
import { withLogin } from '../host/login.js';
import { loadHostProgram } from '../host/program.js';
import type { App } from '../model/app.js';
import type { Endpoint, Host } from '../model/host.js';
import type { HostName } from '../model/names.js';
import type { ConnectOutcome, Transport } from '../transport/port.js';
import type { ServerOffer } from '../transport/server-offer.js';
import { askPassphrase } from '../ui/prompt.js';
import type { ClosableTransport, Context } from './context.js';
import { createFleetTransport } from './fleet-transport.js';
import { mayConfirm } from './may-confirm.js';
import type { CommonOptions } from './options.js';
import { printLines } from './output.js';
import { readSecret } from './secrets.js';

/** The connections of one command: opened when first used, closed together. */
export interface FleetLink {
  readonly transport: Transport;
  /** Runs at most `--forks` tasks at once. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** One client a host, for one app. */
  clients(app: App, hosts: readonly Host[]): HostClients;
  /** What the SSH servers of the clients offered, where they were connected to and it was seen. */
  readonly servers: ReadonlyMap<HostName, ServerOffer>;
  close(): Promise<void>;
}

export interface LinkOptions {
  /** Ends every attempt to connect. */
  readonly signal: AbortSignal;
  /** Called before a passphrase is asked for: clears the screen, and keeps what is typed from showing. */
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
  const servers = new Map<HostName, ServerOffer>();
  const connectTo = async (host: Host): Promise<ConnectOutcome> => {
    const outcome = await transport.connect(host, linkOptions.signal);
    const server = outcome.kind === 'connected' ? outcome.connection.server : null;
    if (server) servers.set(host.name, server);
    return outcome;
  };
  return {
    transport,
    servers,
    limit: pLimit(options.forks),
    clients(app, hosts) {
      transport.expect?.(hosts);
      const program = loadHostProgram();
      return createHostClients(
        hosts.map((host) => {
          const connect = () => connectTo(host);
          const by = context.identity;
          const client = createHostClient({ connect, root: app.root, program, by });
          return [host.name, withLogin(client, host.ssh.user)] as const;
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
  const mayAsk = mayConfirm(context, options);
  const say = (host: Endpoint, message: string): void => {
    printLines(context.stderr, [`${host.name}: ${message}`]);
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
