import { createHmac } from 'node:crypto';
import { matchesPatterns } from './host-pattern.js';
import type { KnownHostsLine } from './known-hosts-line.js';

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
   * Types of keys recorded for what is dialled, for asking for those first: a server that has
   * several keys would otherwise present another than the one recorded. With hashed lines only
   * one type may be given, which is enough for that.
   */
  typesFor(address: string, port: number): ReadonlySet<string>;
  judge(address: string, port: number, key: Buffer): HostKeyVerdict;
  /** Takes in lines that were appended since. */
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
      // As ssh does: a key recorded without a port vouches for the host on any port, but another
      // one proves nothing, for what listens there may be another server.
      return port !== 22 && keys.find(plain, base64) !== undefined
        ? { kind: 'known' }
        : { kind: 'unknown' };
    },
  };
}

interface LineIndex {
  add(line: KnownHostsLine): void;
  /** A line for this name with exactly this key. */
  find(name: string, key: string): KnownHostsLine | undefined;
  all(name: string): KnownHostsLine[];
  typesOf(name: string): ReadonlySet<string>;
}

function createLineIndex(): LineIndex {
  const byName = new Map<string, KnownHostsLine[]>();
  const patterns: KnownHostsLine[] = [];
  const hashed: KnownHostsLine[] = [];
  const hashedByKey = new Map<string, KnownHostsLine[]>();
  const owners = new Map<KnownHostsLine, string>();
  let cursor = 0;

  /** A hashed line is of one name only: once that is found, others need no HMAC. */
  function isHashOf(line: KnownHostsLine, name: string): boolean {
    const owner = owners.get(line);
    if (owner !== undefined) return owner === name;
    const matches = matchesLine(line, name);
    if (matches) owners.set(line, name);
    return matches;
  }

  const open = (name: string): KnownHostsLine[] => [
    ...(byName.get(name) ?? []),
    ...patterns.filter((line) => matchesLine(line, name)),
  ];

  /**
   * Each hashed line costs an HMAC, so the search goes on where the last one succeeded: files made
   * in inventory order are then read once for all hosts, not once for each.
   */
  function firstHashed(name: string): KnownHostsLine | undefined {
    for (let step = 0; step < hashed.length; step += 1) {
      const at = (cursor + step) % hashed.length;
      const line = hashed[at];
      if (line === undefined || !isHashOf(line, name)) continue;
      cursor = at + 1;
      return line;
    }
    return undefined;
  }

  return {
    add(line) {
      if (line.names.kind === 'plain')
        for (const name of line.names.names) push(byName, name, line);
      else if (line.names.kind === 'patterns') patterns.push(line);
      else {
        hashed.push(line);
        push(hashedByKey, line.key, line);
      }
    },
    find: (name, key) =>
      open(name).find((line) => line.key === key) ??
      hashedByKey.get(key)?.find((line) => isHashOf(line, name)),
    all: (name) => [...open(name), ...hashed.filter((line) => isHashOf(line, name))],
    typesOf(name) {
      const lines = open(name);
      const one = lines.length === 0 ? firstHashed(name) : undefined;
      return new Set([...lines, ...(one === undefined ? [] : [one])].map((line) => line.keyType));
    },
  };
}

function matchesLine({ names }: KnownHostsLine, name: string): boolean {
  switch (names.kind) {
    case 'plain':
      return names.names.includes(name);
    case 'patterns':
      return matchesPatterns(names.patterns, name);
    case 'hashed':
      return createHmac('sha1', names.salt).update(name).digest('base64') === names.hash;
  }
}

function push(map: Map<string, KnownHostsLine[]>, key: string, line: KnownHostsLine): void {
  const lines = map.get(key);
  if (lines === undefined) map.set(key, [line]);
  else lines.push(line);
}
