import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import pLimit from 'p-limit';

/** The addresses of the names that a run dials, each looked up once. */
export interface NameCache {
  /**
   * In the order in which to try them. Rejects with the resolver's error, which is kept for a few seconds.
   */
  resolve(name: string): Promise<readonly string[]>;
  /** Has a name looked up again, since none of its addresses answered. */
  forget(name: string): void;
}

export type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

export function createNameCache(lookup: Lookup = lookupAll): NameCache {
  const found = new Map<string, Promise<readonly string[]>>();
  const limit = pLimit(AT_ONCE);

  async function ask(name: string): Promise<readonly string[]> {
    const addresses = await limit(() => lookup(name));
    return [...new Set(addresses.map(({ address }) => address))];
  }

  return {
    resolve(name) {
      if (isIP(name) !== 0) return Promise.resolve([name]);
      const known = found.get(name);
      if (known !== undefined) return known;
      const asked = ask(name);
      found.set(name, asked);
      asked.catch(() => setTimeout(() => found.delete(name), FAILURE_HOLDS_MS).unref());
      return asked;
    },
    forget: (name) => void found.delete(name),
  };
}

const lookupAll: Lookup = (name) => dns.lookup(name, { all: true, verbatim: true });

/** Looked up before its turn and again in it; an answer that never came has used its time. */
const FAILURE_HOLDS_MS = 5000;

/** getaddrinfo blocks one of the four threads with which Node also reads files. */
const AT_ONCE = 3;
