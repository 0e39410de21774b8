import { setMaxListeners } from 'node:events';
import { orAborted } from '../../async/or-aborted.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { checkDescriptors } from '../connect/descriptor-limit.js';
import { unresolvedFailure } from '../connect/failure.js';
import { createHandshakeLimit } from '../connect/handshake-limit.js';
import { type HandshakePace, steadyPace } from '../connect/handshake-pace.js';
import type { Connection, Transport } from '../port.js';
import { createTcpDial, type Dial } from './dial.js';
import { createJumpHosts, type WayFound } from './jump-hosts.js';
import { createSsh2Login, type Ssh2LoginOptions } from './login-request.js';
import { createNameCache, type Lookup, type NameCache } from './name-cache.js';
import { createDirectWay } from './route.js';

export interface Ssh2TransportOptions extends Ssh2LoginOptions {
  /**
   * How many hosts may be dialled and logged in to at once, and how many through each jump host; sessions do not
   * count. Default: 16 and 8 at first, then by the load of the event loop.
   */
  readonly handshakes?: number | undefined;
  readonly dial?: Dial | undefined;
  readonly lookup?: Lookup | undefined;
}

export interface Ssh2Transport extends Transport {
  /** Resolves their names ahead. */
  expect(hosts: readonly Endpoint[]): void;
  /** Closes every connection, also unfinished ones; there are no more after. Never rejects. */
  close(): Promise<void>;
}

/**
 * The transport over the ssh2 library. Keys and known_hosts files are read once.
 */
export function createSsh2Transport(options: Ssh2TransportOptions): Ssh2Transport {
  const names = createNameCache(options.lookup);
  const { handshakes } = options;
  const directly = createHandshakeLimit(paceOf(handshakes, DIRECTLY));
  const direct = createDirectWay(options.dial ?? createTcpDial(names), directly);
  const logIn = createSsh2Login(options);
  const connections = new Set<Connection>();
  const over = new AbortController();
  const jumps = createJumpHosts({
    wayTo: (jump) => wayTo(jump, over.signal),
    logIn: (jump, way, onEnded) =>
      logIn({ host: jump, way, signal: over.signal, onEnded, urgent: true }),
    createLimit: () => createHandshakeLimit(paceOf(handshakes, THROUGH_A_JUMP_HOST)),
  });

  async function wayTo(host: Endpoint, signal: AbortSignal): Promise<WayFound> {
    if (host.ssh.jump !== null) return jumps.through(host.ssh.jump, signal);
    // Before its turn, which a slow name server would block.
    const answered = options.dial !== undefined || (await isAnswered(names, host, signal));
    if (answered || signal.aborted) return { kind: 'way', way: direct };
    return { kind: 'failed', failure: unresolvedFailure(host) };
  }

  return {
    async connect(host, asked) {
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

/** Whether the name server answered in time, even with an error: the dialling reports that. */
async function isAnswered(
  names: NameCache,
  { address, ssh }: Endpoint,
  signal: AbortSignal,
): Promise<boolean> {
  const late = AbortSignal.timeout(ssh.connectTimeoutMs);
  return orAborted(names.resolve(address), AbortSignal.any([signal, late])).then(
    () => true,
    () => !late.aborted,
  );
}

/** The host that is dialled from here to reach another. */
function firstOnTheWay(host: Endpoint): Endpoint {
  return host.ssh.jump === null ? host : firstOnTheWay(host.ssh.jump);
}

function paceOf(handshakes: number | undefined, pace: HandshakePace): HandshakePace {
  return handshakes === undefined ? pace : steadyPace(handshakes);
}

const DIRECTLY: HandshakePace = { start: 16, least: 4, most: 256 };
const THROUGH_A_JUMP_HOST: HandshakePace = { start: 8, least: 2, most: 64 };
