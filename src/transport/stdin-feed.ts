import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Sends `source` to a command's stdin and ends it. Resolves when all was handed over, rejects if
 * the source fails or the channel goes first.
 *
 * ssh2 writes as much as the channel's window allows, whether or not the socket takes it: 2 MiB a
 * host lie in memory where the network is slow. So each piece waits for the channel to take the
 * last one and for the socket to drain.
 */
export async function feedStdin(
  source: Uint8Array | Readable,
  channel: Writable,
  socket: Writable,
): Promise<void> {
  if (source instanceof Uint8Array && source.length <= PIECE_BYTES) {
    channel.end(source);
    return;
  }
  const paced = new Writable({
    highWaterMark: PIECE_BYTES,
    write(piece: Buffer, _encoding, done) {
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
  const abandon = () => paced.destroy();
  channel.once('close', abandon);
  try {
    await pipeline(source instanceof Uint8Array ? Readable.from(pieces(source)) : source, paced);
  } finally {
    channel.removeListener('close', abandon);
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

/** The largest packet that SSH servers must take (RFC 4253, 6.1) is about this. */
const PIECE_BYTES = 32 * 1024;
