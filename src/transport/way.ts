import type { Duplex } from 'node:stream';
import type { HostFailure } from '../errors/host-failure.js';
import type { Endpoint } from '../model/host.js';
import { dialFailure } from './connect-failure.js';
import type { Dial } from './dial.js';
import type { HandshakeLimit } from './handshake-limit.js';

/** How bytes get to a host: straight from here, or through a jump host. */
export interface Way {
  /** Those who go this way share it. */
  readonly limit: HandshakeLimit;
  dial(host: Endpoint, signal: AbortSignal): Promise<Dialled>;
  /** What went wrong with the way itself, if anything did. */
  fault(): HostFailure | null;
}

export type Dialled =
  | { readonly kind: 'open'; readonly socket: Duplex }
  /** `again`: another try may find it better, and is harmless. */
  | { readonly kind: 'failed'; readonly failure: HostFailure; readonly again: boolean };

export function createDirectWay(dial: Dial, limit: HandshakeLimit): Way {
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

/** The network gave a connection and took it back. A refused connection would be refused again. */
function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
