import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { orAborted } from '../../async/or-aborted.js';
import { reasonOf } from '../../errors/reason.js';
import type { Endpoint } from '../../model/hosts/host.js';
import type { NameCache } from './name-cache.js';

/**
 * Opens the byte stream that SSH runs over. Rejects with the socket's error, or with the signal's reason
 * once that aborts.
 */
export type Dial = (host: Endpoint, signal: AbortSignal) => Promise<Duplex>;

/** Dials by TCP, at whichever of a name's addresses answers first. */
export function createTcpDial(names: NameCache): Dial {
  return async (host, signal) => {
    const addresses = await orAborted(names.resolve(host.address), signal);
    try {
      return await dialFirst(addresses, host.ssh.port, signal);
    } catch (error) {
      names.forget(host.address);
      throw error;
    }
  };
}

/**
 * Tries one address after the other without waiting for a dead one: the next starts in parallel (RFC 8305).
 * Node's own implementation gives up on an address before it tries the next, also on a slow one.
 */
function dialFirst(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const [only, ...others] = addresses;
  if (only !== undefined && others.length === 0) return dialOne(only, port, signal);
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const left = [...addresses];
  const errors: unknown[] = [];
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const next = (): void => {
      clearTimeout(timer);
      const address = left.shift();
      if (address === undefined) return;
      if (left.length > 0) timer = setTimeout(next, BESIDE_MS);
      dialOne(address, port, either).then(won, lost);
    };
    const won = (socket: Socket): void => {
      clearTimeout(timer);
      // Two may have answered in the same turn of the loop.
      if (over.signal.aborted) socket.destroy();
      over.abort();
      resolve(socket);
    };
    const lost = (error: unknown): void => {
      if (over.signal.aborted) return;
      errors.push(error);
      if (errors.length < addresses.length && !signal.aborted) return next();
      clearTimeout(timer);
      reject(signal.aborted ? signal.reason : together(errors));
    };
    next();
    if (addresses.length === 0) reject(new Error('the name has no address'));
  });
}

function dialOne(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    // ssh2 leaves Nagle's algorithm on: each small request would wait for the ACK of the last.
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
}

/** One error for all, with their code where they agree on it. */
function together(errors: readonly unknown[]): Error {
  const texts = errors.map(reasonOf);
  const codes = new Set(errors.map(codeOf));
  const [code] = codes;
  return Object.assign(new Error(texts.join('; ')), codes.size === 1 ? { code } : {});
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const BESIDE_MS = 250;
