import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KnownHosts } from './known-hosts.js';

/** Looks up hosts before their handshake. */
export type KnownHostsSearch = (
  known: KnownHosts,
  place: { readonly address: string; readonly port: number },
  signal: AbortSignal,
) => Promise<void>;

/**
 * A host that is missing in a file of very many hashed lines or patterns costs a look at each of them. That is
 * done here in small pieces, one host after the other, so that it does not block the event loop when a key is
 * presented. Ends early if the signal aborts.
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

/** Looked at in one turn of the event loop: a few milliseconds. */
const SLICE_LINES = 1000;
