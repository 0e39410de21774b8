import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import type { HandshakeLimit } from '../connect/handshake-limit.js';
import { jumpKey } from '../connect/jump-key.js';
import { orInterrupted } from '../connect/or-interrupted.js';
import type { Connection } from '../port.js';
import { blameJumpHost, createJumpHost } from './jump-host.js';
import type { LoginEnd } from './login-request.js';
import type { Way } from './route.js';

/** The jump hosts of a run: one connection to each, for all hosts behind it. */
export interface JumpHosts {
  /** The route through a jump host; logs in to it first if needed. */
  through(jump: Endpoint, signal: AbortSignal): Promise<WayFound>;
  /** Closes all, those behind others first. */
  close(): Promise<void>;
}

export type WayFound =
  | { readonly kind: 'way'; readonly way: Way }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

interface JumpHostsOptions {
  /** The route to a jump host itself. */
  readonly wayTo: (jump: Endpoint) => Promise<WayFound>;
  readonly logIn: (jump: Endpoint, way: Way, onEnded: () => void) => Promise<LoginEnd>;
  readonly createLimit: () => HandshakeLimit;
}

export function createJumpHosts({ wayTo, logIn, createLimit }: JumpHostsOptions): JumpHosts {
  const ways = new Map<string, Promise<WayFound>>();
  /** In the order in which they were made: each comes after those that it is reached through. */
  const made: Connection[] = [];

  async function make(jump: Endpoint, forget: () => void): Promise<WayFound> {
    const found = await wayTo(jump);
    if (found.kind === 'failed') return found;
    const end = await logIn(jump, found.way, forget);
    if (end.kind === 'failed') return { ...end, failure: blameJumpHost(jump, end.failure) };
    made.push(end.connection);
    return { kind: 'way', way: createJumpHost({ endpoint: jump, ...end, limit: createLimit() }) };
  }

  /** All waiters share one attempt and its failure; so do callers within the next 5 s. */
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
    through: (jump, signal) => orInterrupted(shared(jump), signal),
    async close() {
      for (const connection of made.toReversed()) await connection.close();
    },
  };
}

/** Else hundreds of hosts would each wait for the same dead jump host. */
const FAILURE_HOLDS_MS = 5000;
