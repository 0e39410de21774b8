import type { Duplex } from 'node:stream';
import { readServerOffer, type ServerOffer } from '../algorithms/server-offer.js';
import { createByteBuffer } from '../channel/byte-buffer.js';

/** What a server sends before encryption begins. */
export interface ServerGreeting {
  /** Its text instead of the SSH banner before it hung up, e.g. `Exceeded MaxStartups`. */
  text(): string;
  /** The algorithms that it offers; null before it has sent them. */
  offer(): ServerOffer | null;
  /**
   * Call it once ssh2 has paused the socket: an earlier listener would start the flow and lose bytes.
   */
  listen(socket: Duplex): void;
}

export function createServerGreeting(onFirst: () => void): ServerGreeting {
  const bytes = createByteBuffer();
  let offer: ServerOffer | null = null;
  return {
    text() {
      const text = bytes.view().toString('latin1', 0, TEXT_BYTES);
      return text.startsWith('SSH-') ? '' : text;
    },
    offer: () => offer,
    listen(socket) {
      const hear = (chunk: Buffer): void => {
        if (bytes.length === 0) onFirst();
        bytes.append(chunk.subarray(0, MOST_BYTES - bytes.length));
        offer = readServerOffer(bytes.view());
        if (offer === null && bytes.length < MOST_BYTES) return;
        socket.off('data', hear);
        bytes.keepLast(0);
      };
      socket.on('data', hear);
    },
  };
}

const TEXT_BYTES = 200;
/** OpenSSH's is under 2 KB; RFC 4253 lets a packet have 35,000 bytes. */
const MOST_BYTES = 40_000;
