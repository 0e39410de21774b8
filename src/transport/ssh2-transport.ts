import { setMaxListeners } from 'node:events';
import { FleetError } from '../errors/fleet-error.js';
import type { HostFailure } from '../errors/host-failure.js';
import { printableLine } from '../errors/printable.js';
import type { Endpoint } from '../model/host.js';
import { INTERRUPTED } from './connect-failure.js';
import { createCredentials, type Offer } from './credentials.js';
import { checkDescriptors } from './descriptor-limit.js';
import { createTcpDial, type Dial } from './dial.js';
import { createHandshakeLimit } from './handshake-limit.js';
import type { HandshakePace } from './handshake-pace.js';
import { createHostKeyCheck, type HostKeyCheck } from './host-key-check.js';
import type { PassphraseSource } from './identity.js';
import { createJumpHosts, type LoggedIn, type WayFound } from './jump-hosts.js';
import { createKnownHostsStore } from './known-hosts-store.js';
import { createNameCache } from './name-cache.js';
import type { Connection, Transport } from './port.js';
import { reach } from './reach.js';
import { createSsh2Connection } from './ssh2-connection.js';
import { createDirectWay, type Way } from './way.js';

export interface Ssh2TransportOptions extends PassphraseSource {
  /**
   * How many hosts may be dialled and logged in to at once, and how many through each jump host;
   * sessions are not counted. By default 16 and 8 at first, more or fewer by the event loop's load.
   */
  readonly handshakes?: number | undefined;
  /** One line about one host, for `-vv`. Free of control characters. */
  readonly log?: ((host: Endpoint, message: string) => void) | undefined;
  /** ssh2's own account of the protocol, for `-vvv`: hundreds of lines a host. */
  readonly trace?: ((host: Endpoint, message: string) => void) | undefined;
  readonly dial?: Dial | undefined;
  /** From 0 up to 1; spreads the further tries. */
  readonly random?: (() => number) | undefined;
}

export interface Ssh2Transport extends Transport {
  /** Resolves their names ahead. */
  expect(hosts: readonly Endpoint[]): void;
  /** Closes every connection, also those that are being made; there are no more. Never rejects. */
  close(): Promise<void>;
}

/**
 * The transport over the ssh2 library. Keys and known_hosts files are read once; `connect` throws a
 * FleetError `usage` for settings that this transport does not have.
 */
export function createSsh2Transport(options: Ssh2TransportOptions): Ssh2Transport {
  const names = createNameCache();
  const { handshakes } = options;
  const directly = createHandshakeLimit(paceOf(handshakes, DIRECTLY));
  const direct = createDirectWay(options.dial ?? createTcpDial(names), directly);
  const prepare = createPreparation(options);
  const connections = new Set<Connection>();
  const over = new AbortController();
  const jumps = createJumpHosts({
    wayTo: (jump) => wayTo(jump, over.signal),
    logIn: (jump, way, onEnded) =>
      logIn({ host: jump, way, signal: over.signal, onEnded, urgent: true }),
    createLimit: () => createHandshakeLimit(paceOf(handshakes, THROUGH_A_JUMP_HOST)),
  });

  async function wayTo({ address, ssh }: Endpoint, signal: AbortSignal): Promise<WayFound> {
    if (ssh.jump !== null) return jumps.through(ssh.jump, signal);
    // Before its turn, which a slow name server would hold; what it says comes up in the dialling.
    if (options.dial === undefined) await names.resolve(address).catch(() => {});
    return { kind: 'way', way: direct };
  }

  async function logIn({ host, way, signal, onEnded, urgent }: LogIn): Promise<LogInEnd> {
    const prepared = await prepare(host);
    if ('code' in prepared) return failed(prepared);
    const turn = await way.limit.take(signal, urgent);
    if (turn === null) return failed(INTERRUPTED);
    const say = options.log;
    const log = (message: string) => say?.(host, printableLine(message));
    const tell = options.trace;
    const trace = tell && ((message: string) => tell(host, message));
    const random = options.random ?? Math.random;
    try {
      const end = await reach({ host, way, ...prepared, log, trace, random, signal });
      if (end.kind === 'failed') return failed(end.failure);
      const connection = createSsh2Connection(end, (message) => {
        onEnded(connection);
        log(message);
      });
      if (!over.signal.aborted) return { ...end, kind: 'logged-in', connection };
      await connection.close();
      return failed(INTERRUPTED);
    } finally {
      turn();
    }
  }

  return {
    async connect(host, asked) {
      refuseWhatComesLater(host);
      // Hundreds of hosts wait for the same signal; that is no leak.
      setMaxListeners(0, over.signal, ...(asked === undefined ? [] : [asked]));
      const signal = AbortSignal.any([over.signal, ...(asked === undefined ? [] : [asked])]);
      const found = await wayTo(host, signal);
      if (found.kind === 'failed') return found;
      const onEnded = (ended: Connection) => void connections.delete(ended);
      const end = await logIn({ host, way: found.way, signal, onEnded, urgent: false });
      if (end.kind === 'failed') return end;
      const { connection } = end;
      if (connection.open) connections.add(connection);
      return { kind: 'connected', connection };
    },
    expect(hosts) {
      const dialled = hosts.map(firstOnTheWay);
      checkDescriptors(dialled);
      for (const { address } of dialled) names.resolve(address).catch(() => {});
    },
    async close() {
      over.abort();
      await Promise.all([...connections].map((connection) => connection.close()));
      await jumps.close();
    },
  };
}

interface LogIn {
  readonly host: Endpoint;
  readonly way: Way;
  readonly signal: AbortSignal;
  readonly onEnded: (connection: Connection) => void;
  /** Others wait for this one. */
  readonly urgent: boolean;
}

type LogInEnd = LoggedIn | { readonly kind: 'failed'; readonly failure: HostFailure };

interface Prepared {
  readonly offer: Offer;
  readonly hostKey: () => HostKeyCheck;
}

/** What is the same for every try, and what a person may be asked for, before the clock runs. */
function createPreparation(options: Ssh2TransportOptions) {
  const credentials = createCredentials(options);
  const knownHosts = createKnownHostsStore();
  return async (host: Endpoint): Promise<Prepared | HostFailure> => {
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
  };
}

/** What is dialled from here to get to a host. */
function firstOnTheWay(host: Endpoint): Endpoint {
  return host.ssh.jump === null ? host : firstOnTheWay(host.ssh.jump);
}

function refuseWhatComesLater({ name, ssh }: Endpoint): void {
  if (ssh.transport === 'ssh2') return;
  throw new FleetError('usage', `\`transport: openssh\` of host ${name} is not supported yet`, {
    hint: 'It comes later; reach the host with `transport: ssh2`.',
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

function failed(failure: HostFailure): { readonly kind: 'failed'; readonly failure: HostFailure } {
  return { kind: 'failed', failure };
}

function paceOf(handshakes: number | undefined, pace: HandshakePace): HandshakePace {
  return handshakes === undefined
    ? pace
    : { start: handshakes, least: handshakes, most: handshakes };
}

const DIRECTLY: HandshakePace = { start: 16, least: 4, most: 256 };
const THROUGH_A_JUMP_HOST: HandshakePace = { start: 8, least: 2, most: 64 };
