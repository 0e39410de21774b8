import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KnownHosts } from './known-hosts.js';

/** Looks hosts up ahead of their handshake. */
export type KnownHostsSearch = (
  known: KnownHosts,
  place: { readonly address: string; readonly port: number },
  signal: AbortSignal,
) => Promise<void>;

/**
 * A host that a file of very many hashed lines or patterns does not name costs a look at each of
 * them. That is done here, one host after the other and in small pieces, and not when a stranger
 * shows a key: then it would hold the event loop. Ends early where the signal aborts.
 */
export function createKnownHostsSearch(): KnownHostsSearch {
  let last: Promise<void> = Promise.resolve();
  let looked = 0;

  const search: KnownHostsSearch = async (known, { address, port }, signal) => {
    for (;;) {
      const taken = signal.aborted ? 0 : known.search(address, port, SLICE_LINES);
      if (taken === 0) return;
      looked += taken;
      if (looked < SLICE_LINES) continue;
      looked = 0;
      await nextTurn();
    }
  };
  return (known, place, signal) => {
    last = last.then(() => search(known, place, signal));
    return last;
  };
}

/** Looked at in one turn of the event loop: some milliseconds. */
const SLICE_LINES = 1000;
