import { setMaxListeners } from 'node:events';
import { startDeadline } from '../../async/deadline.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { INTERRUPTED } from '../connect/failure.js';
import { createHandshakeLimit } from '../connect/handshake-limit.js';
import { steadyPace } from '../connect/handshake-pace.js';
import type { Connection, ConnectOutcome, Transport } from '../port.js';
import { openOpensshConnection } from './connection.js';
import { makeOpensshFolder, type OpensshFolder } from './folder.js';
import { createOpensshJumps } from './jumps.js';
import { logInByOpenssh, type OpensshLogin } from './login.js';
import { type Option, optionsOfSsh } from './options.js';

export interface OpensshTransportOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many hosts may log in at once. Default 16. */
  readonly handshakes?: number | undefined;
  /** Read after the inventory's settings; default: the user's and the system's ssh_config. */
  readonly includes?: readonly string[] | undefined;
  /** One line about one host, for `-vv`. Free of control characters. */
  readonly log?: ((host: Endpoint, message: string) => void) | undefined;
  /** ssh's own log, for `-vvv`. */
  readonly trace?: ((host: Endpoint, message: string) => void) | undefined;
  /** From 0 up to 1; spreads the second tries, which are not spread without it. */
  readonly random?: (() => number) | undefined;
}

const unspread = (): number => 0.5;

export interface OpensshTransport extends Transport {
  /** Closes every connection, also unfinished ones; there are no more after. Never rejects. */
  close(): Promise<void>;
}

/**
 * The transport over the system's `ssh`, with all its features. One `ssh` a connection, as a control master,
 * and commands as channels through its socket. `connect` throws a FleetError `usage` if there is no ssh, or a
 * setting cannot be passed to it.
 */
export function createOpensshTransport(options: OpensshTransportOptions): OpensshTransport {
  const limit = createHandshakeLimit(steadyPace(options.handshakes ?? 16));
  const connections = new Set<Connection>();
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const pending = new Set<Promise<unknown>>();
  let folder: Promise<OpensshFolder> | null = null;
  let always: Promise<readonly Option[]> | null = null;

  const jumps = createOpensshJumps((hop) => logIn(hop, over.signal));

  async function logIn(host: Endpoint, signal: AbortSignal): Promise<OpensshLogin> {
    const { jump } = host.ssh;
    const way = jump === null ? null : await jumps.through(jump, signal);
    if (way?.kind === 'failed') return way;
    const turn = await limit.take(signal);
    if (turn === null) return { kind: 'failed', failure: INTERRUPTED };
    try {
      folder ??= makeOpensshFolder(options.env);
      const jumpSocket = way?.master.socket ?? null;
      const { env, trace, log, random = unspread, includes = CONFIGURATIONS } = options;
      always ??= optionsOfSsh(env);
      const files = { folder: await folder, always: await always, includes };
      const common = { env, trace, log, random, ...files };
      return await logInByOpenssh({ ...common, host, jumpSocket, signal });
    } finally {
      turn();
    }
  }

  async function connect(host: Endpoint, signal: AbortSignal): Promise<ConnectOutcome> {
    const login = await logIn(host, signal);
    if (login.kind === 'failed') return login;
    const lost = (message: string) => options.log?.(host, printableLine(message));
    const stop = new AbortController();
    const deadline = startDeadline(MUX_MS, () => stop.abort());
    const given = AbortSignal.any([signal, stop.signal]);
    try {
      const connection = await openOpensshConnection(login.master, given, (message) => {
        connections.delete(connection);
        lost(message);
      });
      connections.add(connection);
      if (!signal.aborted) return { kind: 'connected', connection };
      await connection.close();
    } catch (error) {
      lost(String(error));
      await login.master.end();
    } finally {
      deadline.stop();
    }
    return { kind: 'failed', failure: signal.aborted ? INTERRUPTED : lostAtOnce(host) };
  }

  return {
    async connect(host, asked) {
      refuseWhatSshCanNot(host);
      // Hundreds of hosts wait for the same signal; that is no leak.
      if (asked !== undefined) setMaxListeners(0, asked);
      const signals = [over.signal, ...(asked === undefined ? [] : [asked])];
      const connecting = connect(host, AbortSignal.any(signals));
      pending.add(connecting);
      return connecting.finally(() => pending.delete(connecting));
    },
    async close() {
      over.abort();
      await Promise.allSettled(pending);
      await Promise.all([...connections].map((connection) => connection.close()));
      await jumps.close();
      await folder?.then((made) => made.close()).catch(() => {});
    },
  };
}

function refuseWhatSshCanNot({ name, ssh }: Endpoint): void {
  if (ssh.passphrase === null) return;
  throw new FleetError('usage', `\`passphrase\` of host ${name} cannot be passed to ssh`, {
    hint: 'With `transport: openssh` a key with a passphrase needs an agent: load it with `ssh-add`.',
  });
}

function lostAtOnce(host: Endpoint): HostFailure {
  return {
    code: 'connection_lost',
    message: `the connection to ${host.name} was lost right after it was established`,
  };
}

/** The first value of each option wins. */
const CONFIGURATIONS = ['~/.ssh/config', '/etc/ssh/ssh_config'];

/** A socket of this machine answers at once, or never. */
const MUX_MS = 10_000;
