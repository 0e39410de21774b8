import { Socket } from 'node:net';

/** How long a server may be silent before its connection counts as dead: drivers would wait for ever. */
const LONGEST_SILENCE_MS = 15_000;
const KEEP_ALIVE_MS = 5_000;

/** The connections of one store. */
export interface Sockets {
  /** One that is not connected yet. */
  create(): Socket;
  /** Ends all of them, whatever they wait for. */
  destroy(): void;
}

export function createSockets(): Sockets {
  const open = new Set<Socket>();
  return {
    create() {
      const socket = new Socket();
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      socket.setTimeout(LONGEST_SILENCE_MS, () => {
        const seconds = LONGEST_SILENCE_MS / 1000;
        const silent = new Error(`the server has not answered for ${seconds} s`);
        socket.destroy(Object.assign(silent, { code: 'ETIMEDOUT' }));
      });
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}
