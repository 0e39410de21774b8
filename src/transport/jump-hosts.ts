import type { HostFailure } from '../errors/host-failure.js';
import type { Endpoint } from '../model/host.js';
import { INTERRUPTED } from './connect-failure.js';
import type { HandshakeLimit } from './handshake-limit.js';
import { blameJumpHost, createJumpHost } from './jump-host.js';
import { jumpKey } from './jump-key.js';
import { orAborted } from './or-aborted.js';
import type { Connection } from './port.js';
import type { LoginEnd } from './ssh2-login.js';
import type { Way } from './way.js';

/** The jump hosts of a run: one connection to each, however many hosts are behind it. */
export interface JumpHosts {
  /** The way through a jump host, to which it logs in first where nobody has. */
  through(jump: Endpoint, signal: AbortSignal): Promise<WayFound>;
  /** Closes all, those behind others first. */
  close(): Promise<void>;
}

export type WayFound =
  | { readonly kind: 'way'; readonly way: Way }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

interface JumpHostsOptions {
  /** The way to a jump host itself. */
  readonly wayTo: (jump: Endpoint) => Promise<WayFound>;
  readonly logIn: (jump: Endpoint, way: Way, onEnded: () => void) => Promise<LoginEnd>;
  readonly createLimit: () => HandshakeLimit;
}

export function createJumpHosts({ wayTo, logIn, createLimit }: JumpHostsOptions): JumpHosts {
  const ways = new Map<string, Promise<WayFound>>();
  /** In the order in which they were made: one comes after those before it on its way. */
  const made: Connection[] = [];

  async function make(jump: Endpoint, forget: () => void): Promise<WayFound> {
    const found = await wayTo(jump);
    if (found.kind === 'failed') return found;
    const end = await logIn(jump, found.way, forget);
    if (end.kind === 'failed') return { ...end, failure: blameJumpHost(jump, end.failure) };
    made.push(end.connection);
    return { kind: 'way', way: createJumpHost({ endpoint: jump, ...end, limit: createLimit() }) };
  }

  /** The one attempt that everybody waits for. Its failure is theirs, and of those close behind. */
  function shared(jump: Endpoint): Promise<WayFound> {
    const key = jumpKey(jump);
    const pending = ways.get(key);
    if (pending !== undefined) return pending;
    const forget = () => {
      if (ways.get(key) === making) ways.delete(key);
    };
    const making = make(jump, forget);
    ways.set(key, making);
    making.then(
      ({ kind }) => kind === 'failed' && setTimeout(forget, FAILURE_HOLDS_MS).unref(),
      forget,
    );
    return making;
  }

  return {
    async through(jump, signal) {
      try {
        return await orAborted(shared(jump), signal);
      } catch (error) {
        if (signal.aborted) return { kind: 'failed', failure: INTERRUPTED };
        throw error;
      }
    },
    async close() {
      for (const connection of made.toReversed()) await connection.close();
    },
  };
}

/** Hundreds of hosts that take their turns would else each wait for the same dead jump host. */
const FAILURE_HOLDS_MS = 5000;
