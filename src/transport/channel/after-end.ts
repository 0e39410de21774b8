import type { Duplex } from 'node:stream';
import { AFTER_END_BYTES, createAllowance } from './allowance.js';

type Pass = (chunk: Buffer, take: (piece: Buffer) => void) => void;

/**
 * Passes on a command's output while the caller waits. A server may keep sending for a while after the
 * channel was closed; after a limit the connection is ended.
 */
export function passUntilOver(end: { readonly over: boolean }, socket: Duplex): Pass {
  const after = createAllowance(AFTER_END_BYTES);
  return (chunk, take) => {
    if (!end.over) take(chunk);
    else if (after.take(chunk) !== null) socket.destroy();
  };
}
