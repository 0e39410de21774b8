import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../model/host.js';

/**
 * Opens the byte stream that SSH is spoken over; TCP by default, a jump host's channel later.
 * Rejects with the socket's own error, or with the signal's reason once that aborts.
 */
export type Dial = (host: Endpoint, signal: AbortSignal) => Promise<Duplex>;

export const dialTcp: Dial = (host, signal) =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: host.address, port: host.ssh.port });
    // ssh2 leaves Nagle's algorithm on: each small request would wait for the last one's ACK.
    socket.setNoDelay(true);
    const settle = (act: () => void) => {
      socket.removeAllListeners('error');
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = () =>
      settle(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(signal.reason);
      });
    socket.once('connect', () => settle(() => resolve(socket)));
    socket.once('error', (error) => settle(() => reject(error)));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
