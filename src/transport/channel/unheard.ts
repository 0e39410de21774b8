import type { Duplex } from 'node:stream';

/** What a server may send besides a command's output: answers, window adjustments, pings. */
const MOST_BYTES = 4 * 1024 * 1024;
/** More than a packet's overhead. */
const AROUND_BYTES = 128;

/** Counts each piece that a command printed, in bytes. */
export type Heard = (bytes: number) => void;

/**
 * Ends a connection whose server keeps sending data that no command reads: early output is kept in memory, and
 * so is each answer to a request until the server reads it.
 */
export function watchUnheard(socket: Duplex): Heard {
  let unheard = 0;
  socket.on('data', (chunk: Uint8Array) => {
    unheard = Math.max(0, unheard + chunk.length);
    if (unheard > MOST_BYTES) socket.destroy(new Error(TOO_MUCH));
  });
  return (bytes) => {
    unheard -= bytes + AROUND_BYTES;
  };
}

const TOO_MUCH = 'the server sent more than 4 MiB that no command had printed; hung up';
