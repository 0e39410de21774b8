import type { Duplex } from 'node:stream';
import { AFTER_END_BYTES, createAllowance } from './allowance.js';

type Pass = (chunk: Buffer, take: (piece: Buffer) => void) => void;

/**
 * Hands on what a command prints for as long as it is waited for. A server may go on for a while
 * after the channel was closed, but not for ever: then the connection is ended.
 */
export function passUntilOver(end: { readonly over: boolean }, socket: Duplex): Pass {
  const after = createAllowance(AFTER_END_BYTES);
  return (chunk, take) => {
    if (!end.over) take(chunk);
    else if (after.take(chunk) !== null) socket.destroy();
  };
}
