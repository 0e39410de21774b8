import type { Duplex } from 'node:stream';

/** What a server may send that no command has printed: answers, adjustments of windows, pings. */
const MOST_BYTES = 4 * 1024 * 1024;
/** More than a packet has around what it carries. */
const AROUND_BYTES = 128;

/** Takes note of each piece that a command has printed, in bytes. */
export type Heard = (bytes: number) => void;

/**
 * Ends a connection whose server goes on sending what is for no one: output before the command has
 * begun waits in memory, and each request that is answered does until the server takes the answer.
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
