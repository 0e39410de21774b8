import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export interface StdinFeed {
  readonly source: Uint8Array | Readable;
  readonly channel: Writable;
  /** What the channel's packets are written to. */
  readonly socket: Writable;
  /** Gives up; the source is the caller's to destroy. */
  readonly signal: AbortSignal;
}

/** The largest packet that SSH servers must accept (RFC 4253, 6.1); larger ones saved no time. */
const PIECE_BYTES = 32 * 1024;

/**
 * Sends `source` to a command's stdin. Resolves when all was handed over or the command stopped reading; rejects
 * if the source fails or the signal aborts.
 *
 * ssh2 writes as much as the channel's window allows, even if the socket is slower: 2 MiB a host in memory. So
 * each piece waits until the channel took the last one and the socket drained.
 */
export async function feedStdin(feed: StdinFeed): Promise<void> {
  const { source, channel } = feed;
  for await (const piece of source instanceof Uint8Array ? pieces(source) : source) {
    if (channel.writableEnded) return;
    await hand(piece, feed);
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

async function hand(piece: Uint8Array, { channel, socket, signal }: StdinFeed): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    // A channel that was closed with its window used up never calls back.
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    channel.write(piece, (error) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    });
  });
  if (socket.writableNeedDrain) await once(socket, 'drain', { signal });
}
