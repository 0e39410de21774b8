import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface StdinFeed {
  readonly source: Uint8Array | Readable;
  readonly channel: Writable;
  /** What the channel's packets are written to. */
  readonly socket: Writable;
  /** Gives up; the source is destroyed. */
  readonly signal: AbortSignal;
}

/**
 * Sends `source` to a command's stdin and ends it. Resolves when all was handed over or the command
 * no longer reads, rejects if the source fails or the signal aborts.
 *
 * ssh2 writes as much as the channel's window allows, whether or not the socket takes it: 2 MiB a
 * host lie in memory where the network is slow. So each piece waits for the channel to take the
 * last one and for the socket to drain.
 */
export async function feedStdin({ source, channel, socket, signal }: StdinFeed): Promise<void> {
  if (source instanceof Uint8Array && source.length <= PIECE_BYTES) {
    channel.end(source);
    return;
  }
  const paced = new Writable({
    highWaterMark: PIECE_BYTES,
    write(piece: Buffer, _encoding, done) {
      if (channel.writableEnded) return done();
      channel.write(piece, (error) => {
        if (error || !socket.writableNeedDrain) done(error);
        else socket.once('drain', done);
      });
    },
    final(done) {
      channel.end();
      done();
    },
  });
  const readable = source instanceof Uint8Array ? Readable.from(pieces(source)) : source;
  await pipeline(readable, paced, { signal });
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

/** About the largest packet that SSH servers must take (RFC 4253, 6.1). */
const PIECE_BYTES = 32 * 1024;
