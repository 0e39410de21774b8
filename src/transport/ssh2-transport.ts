import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../errors/fleet-error.js';
import type { HostFailure } from '../errors/host-failure.js';
import { printableLine } from '../errors/printable.js';
import type { Endpoint } from '../model/host.js';
import { type ConnectStage, dialFailure, INTERRUPTED, timeoutFailure } from './connect-failure.js';
import { createCredentials, type Offer } from './credentials.js';
import { startDeadline } from './deadline.js';
import { type Dial, dialTcp } from './dial.js';
import { type HandshakeEnd, shakeHands } from './handshake.js';
import { createHandshakeLimit } from './handshake-limit.js';
import { createHostKeyCheck, type HostKeyCheck } from './host-key-check.js';
import type { PassphraseSource } from './identity.js';
import { createKnownHostsStore } from './known-hosts-store.js';
import type { Connection, ConnectOutcome, Transport } from './port.js';
import { createSsh2Connection } from './ssh2-connection.js';

export interface Ssh2TransportOptions extends PassphraseSource {
  /** How many hosts may be dialled and logged in to at once; sessions are not counted. Default 16. */
  readonly handshakes?: number | undefined;
  /** One line about one host, for `-vv`. Free of control characters. */
  readonly log?: ((host: Endpoint, message: string) => void) | undefined;
  /** ssh2's own account of the protocol, for `-vvv`: hundreds of lines a host. */
  readonly trace?: ((host: Endpoint, message: string) => void) | undefined;
  readonly dial?: Dial | undefined;
  /** From 0 up to 1; spreads the second tries. */
  readonly random?: (() => number) | undefined;
}

export interface Ssh2Transport extends Transport {
  /** Closes every connection, also those that are being made; there are no more. Never rejects. */
  close(): Promise<void>;
}

/**
 * The transport over the ssh2 library. Keys and known_hosts files are read once; `connect` throws a
 * FleetError `usage` for settings that this transport does not have.
 */
export function createSsh2Transport(options: Ssh2TransportOptions): Ssh2Transport {
  const limit = createHandshakeLimit(options.handshakes ?? 16);
  const credentials = createCredentials(options);
  const knownHosts = createKnownHostsStore();
  const connections = new Set<Connection>();
  const over = new AbortController();

  /** What is the same for every try, and what a person may be asked for, before the clock runs. */
  async function prepare(host: Endpoint): Promise<Prepared | HostFailure> {
    const offered = await credentials.offerFor(host);
    if (offered.kind === 'failed') return offered.failure;
    for (const reason of offered.offer.leftOut) options.log?.(host, printableLine(reason));
    try {
      const known = await knownHosts.open(host.ssh.knownHosts);
      const hostKey = () => createHostKeyCheck(host, known, knownHosts);
      return { offer: offered.offer, hostKey };
    } catch (error) {
      return unreadableKnownHosts(error);
    }
  }

  return {
    async connect(host, asked) {
      refuseWhatComesLater(host);
      // Hundreds of hosts wait for the same signal; that is no leak.
      setMaxListeners(0, over.signal, ...(asked === undefined ? [] : [asked]));
      const signal = AbortSignal.any([over.signal, ...(asked === undefined ? [] : [asked])]);
      const prepared = await prepare(host);
      if ('code' in prepared) return failed(prepared);
      const turn = await limit.take(signal);
      if (turn === null) return failed(INTERRUPTED);
      try {
        const end = await reach({ host, ...prepared, options, signal });
        if (end.kind === 'failed') return failed(end.failure);
        const connection = createSsh2Connection(end.client, end.socket, (message) => {
          connections.delete(connection);
          options.log?.(host, printableLine(message));
        });
        connections.add(connection);
        if (!over.signal.aborted) return { kind: 'connected', connection };
        await connection.close();
        return failed(INTERRUPTED);
      } finally {
        turn();
      }
    },
    async close() {
      over.abort();
      await Promise.all([...connections].map((connection) => connection.close()));
    },
  };
}

interface Prepared {
  readonly offer: Offer;
  readonly hostKey: () => HostKeyCheck;
}

interface Reach extends Prepared {
  readonly host: Endpoint;
  readonly options: Ssh2TransportOptions;
  readonly signal: AbortSignal | undefined;
}

type ReachEnd =
  | (Extract<HandshakeEnd, { kind: 'ready' }> & { readonly socket: Duplex })
  | Extract<HandshakeEnd, { kind: 'failed' }>;

/** Both tries share one timeout. */
async function reach(input: Reach): Promise<ReachEnd> {
  const { host, signal } = input;
  const stop = new AbortController();
  let stage: ConnectStage = 'dialling';
  const onStage = (next: ConnectStage) => {
    stage = next;
  };
  const interrupt = () => stop.abort();
  const deadline = startDeadline(host.ssh.connectTimeoutMs, interrupt);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted) interrupt();
  try {
    let end = await attempt(input, onStage, stop.signal);
    if (end.kind === 'failed' && end.again && !stop.signal.aborted) {
      input.options.log?.(host, `${end.failure.message}; trying once more`);
      const jitter = RETRY_MS * (0.5 + (input.options.random ?? Math.random)());
      await sleep(jitter, undefined, { signal: stop.signal }).catch(() => {});
      if (!stop.signal.aborted) end = await attempt(input, onStage, stop.signal);
    }
    if (end.kind === 'ready' || !stop.signal.aborted) return end;
    const failure = signal?.aborted ? INTERRUPTED : timeoutFailure(host, stage);
    return { kind: 'failed', failure, again: false };
  } finally {
    deadline.stop();
    signal?.removeEventListener('abort', interrupt);
  }
}

async function attempt(
  { host, offer, hostKey, options }: Reach,
  onStage: (stage: ConnectStage) => void,
  signal: AbortSignal,
): Promise<ReachEnd> {
  const log = (message: string) => options.log?.(host, message);
  onStage('dialling');
  let socket: Duplex;
  try {
    socket = await (options.dial ?? dialTcp)(host, signal);
  } catch (error) {
    return { kind: 'failed', failure: dialFailure(host, error), again: isReset(error) };
  }
  onStage('greeting');
  const trace = options.trace;
  const end = await shakeHands({
    host,
    socket,
    offer,
    hostKey: hostKey(),
    onStage,
    log,
    trace: trace && ((message) => trace(host, printableLine(message))),
    signal,
  });
  return end.kind === 'ready' ? { ...end, socket } : end;
}

function refuseWhatComesLater({ name, ssh }: Endpoint): void {
  if (ssh.jump === null && ssh.transport === 'ssh2') return;
  const what = ssh.jump === null ? '`transport: openssh`' : '`jump`';
  throw new FleetError('usage', `${what} of host ${name} is not supported yet`, {
    hint: 'It comes later; reach the host directly with `transport: ssh2`.',
  });
}

function unreadableKnownHosts(error: unknown): HostFailure {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'host_key_unknown',
    message: printableLine(`the known_hosts file can not be read: ${reason}`),
    hint: 'Set `known_hosts` to files that can be read.',
  };
}

/** The network gave a connection and took it back. A refused connection would be refused again. */
function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

function failed(failure: HostFailure): ConnectOutcome {
  return { kind: 'failed', failure };
}

const RETRY_MS = 400;
