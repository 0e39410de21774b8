import type { Readable, Writable } from 'node:stream';
import type { CommandChannel } from './command-channel.js';

export interface StdinFeed {
  readonly source: Uint8Array | Readable;
  readonly channel: Pick<CommandChannel, 'stdin' | 'fed'>;
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
export async function feedStdin({ source, channel, socket, signal }: StdinFeed): Promise<void> {
  const { stdin } = channel;
  const turns = takeTurns(signal);
  try {
    for await (const piece of source instanceof Uint8Array ? pieces(source) : source) {
      if (stdin.writableEnded) return;
      await turns.take((done) => stdin.write(piece, done));
      if (socket.writableNeedDrain) await turns.take((done) => socket.once('drain', done));
    }
  } finally {
    turns.end();
    channel.fed?.();
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

interface Turns {
  /** Waits for what `begin` starts, or rejects once the signal aborts: a closed channel may never call back. */
  take(begin: (done: (error?: Error | null) => void) => void): Promise<void>;
  end(): void;
}

/** One listener for all turns: there are thousands of them, and what each leaves behind adds up. */
function takeTurns(signal: AbortSignal): Turns {
  let give: ((error: Error) => void) | null = null;
  const abort = () => give?.(signal.reason);
  signal.addEventListener('abort', abort);
  return {
    async take(begin) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        give = reject;
        begin((error) => (error ? reject(error) : resolve()));
      });
      give = null;
    },
    end: () => signal.removeEventListener('abort', abort),
  };
}
