import { createLineIndex } from './index.js';
import type { KnownHostsLine } from './line.js';

/** What the files say of a key that a host presents. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** No key at all is recorded for the name. */
  | { readonly kind: 'unknown' }
  /** Keys are recorded, and it is none of them. */
  | { readonly kind: 'changed'; readonly recorded: readonly KnownHostsLine[] }
  | { readonly kind: 'revoked'; readonly by: KnownHostsLine };

/** The lines of some known_hosts files, indexed for thousands of lookups. */
export interface KnownHosts {
  /**
   * Types of the recorded keys, to request those first: a server with several keys might otherwise present one
   * that is not recorded. With hashed lines only, one type may be returned; that is enough.
   */
  typesFor(address: string, port: number): ReadonlySet<string>;
  judge(address: string, port: number, key: Buffer): HostKeyVerdict;
  /**
   * Looks at no more than `most` lines for the host; returns how many, 0 at the end. With very many hashed lines
   * or patterns, call this before the other methods.
   */
  search(address: string, port: number, most: number): number;
  /** Adds lines that were appended since. */
  add(lines: readonly KnownHostsLine[]): void;
}

/** The name under which a host is recorded: `[name]:port` unless the port is 22. */
export function recordedName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

export function indexKnownHosts(lines: readonly KnownHostsLine[]): KnownHosts {
  const keys = createLineIndex();
  const revoked = createLineIndex();
  const add = (more: readonly KnownHostsLine[]) => {
    for (const line of more) (line.marker === 'revoked' ? revoked : keys).add(line);
  };
  add(lines);

  return {
    add,
    search(address, port, most) {
      const name = recordedName(address, port);
      const plain = recordedName(address, 22);
      const taken =
        keys.searchPatterns(name, most) ||
        revoked.searchPatterns(name, most) ||
        keys.searchPatterns(plain, most) ||
        revoked.searchPatterns(plain, most) ||
        keys.searchHashes(name, most);
      if (taken > 0 || keys.typesOf(name).size > 0) return taken;
      return keys.searchHashes(plain, most);
    },
    typesFor(address, port) {
      const types = keys.typesOf(recordedName(address, port));
      return types.size > 0 || port === 22 ? types : keys.typesOf(recordedName(address, 22));
    },
    judge(address, port, key) {
      const name = recordedName(address, port);
      const plain = recordedName(address, 22);
      const base64 = key.toString('base64');
      const by = revoked.find(name, base64) ?? revoked.find(plain, base64);
      if (by !== undefined) return { kind: 'revoked', by };
      if (keys.find(name, base64) !== undefined) return { kind: 'known' };
      const recorded = keys.all(name);
      if (recorded.length > 0) return { kind: 'changed', recorded };
      // As ssh does: a key recorded without a port is valid on any port, but a different key proves
      // nothing, since another server may listen there.
      return port !== 22 && keys.find(plain, base64) !== undefined
        ? { kind: 'known' }
        : { kind: 'unknown' };
    },
  };
}
