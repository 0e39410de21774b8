import type { Duplex } from 'node:stream';
import { hasCode } from '../../errors/has-code.js';
import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { dialFailure } from '../connect/failure.js';
import type { HandshakeLimit } from '../connect/handshake-limit.js';
import type { Dial } from './dial.js';

/** How to reach a host: directly, or through a jump host. */
export interface Route {
  /** Shared by all hosts of this route. */
  readonly limit: HandshakeLimit;
  dial(host: Endpoint, signal: AbortSignal): Promise<Dialled>;
  /** What failed on the route itself, if anything did. */
  fault(): HostFailure | null;
}

export type Dialled =
  | { readonly kind: 'open'; readonly socket: Duplex }
  /** `again`: another try may find it better, and is harmless. */
  | { readonly kind: 'failed'; readonly failure: HostFailure; readonly again: boolean };

export function createDirectRoute(dial: Dial, limit: HandshakeLimit): Route {
  return {
    limit,
    fault: () => null,
    async dial(host, signal) {
      try {
        return { kind: 'open', socket: await dial(host, signal) };
      } catch (error) {
        return { kind: 'failed', failure: dialFailure(host, error), again: isReset(error) };
      }
    },
  };
}

/** The network accepted a connection and dropped it. A refused connection would be refused again. */
function isReset(error: unknown): boolean {
  return hasCode(error, 'ECONNRESET');
}
