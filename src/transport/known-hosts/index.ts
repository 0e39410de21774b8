import { createHmac } from 'node:crypto';
import { matchesPatterns } from './host-pattern.js';
import type { KnownHostsLine } from './line.js';

/** Lines of known_hosts by their names and keys. */
export interface LineIndex {
  add(line: KnownHostsLine): void;
  /** A line for this name with exactly this key. */
  find(name: string, key: string): KnownHostsLine | undefined;
  /** All lines for this name. Among very many hashed ones, only the first found may be returned. */
  all(name: string): KnownHostsLine[];
  /** With hashed lines only, one type may be returned. */
  typesOf(name: string): ReadonlySet<string>;
  /**
   * Looks at no more than `most` further lines for this name, and returns how many: 0 when none are left. The
   * methods above look at all remaining lines.
   */
  searchPatterns(name: string, most: number): number;
  /** Hashed lines are searched only if no other line has the name. */
  searchHashes(name: string, most: number): number;
}

export function createLineIndex(): LineIndex {
  const byName = new Map<string, KnownHostsLine[]>();
  const patterns: KnownHostsLine[] = [];
  const hashed: KnownHostsLine[] = [];
  const hashedByKey = new Map<string, KnownHostsLine[]>();
  const owners = new Map<KnownHostsLine, string>();
  const searches = new Map<string, Search>();
  /** Where the last search succeeded. */
  let cursor = 0;

  /** A hashed line has one name; once found, other names need no HMAC for it. */
  function isHashOf(line: KnownHostsLine, name: string): boolean {
    const owner = owners.get(line);
    if (owner !== undefined) return owner === name;
    const matches = matchesLine(line, name);
    if (matches) owners.set(line, name);
    return matches;
  }

  function searchFor(name: string): Search {
    const search = searches.get(name) ?? newSearch();
    if (search.seen === 0) search.ranges = [range(cursor, hashed.length), range(0, cursor)];
    else if (search.seen < hashed.length) search.ranges.push(range(search.seen, hashed.length));
    search.seen = hashed.length;
    searches.set(name, search);
    return search;
  }

  function searchPatterns(name: string, most: number): number {
    const search = searchFor(name);
    let taken = 0;
    for (; search.patterns < patterns.length && taken < most; taken += 1) {
      const line = patterns[search.patterns];
      search.patterns += 1;
      if (line !== undefined && matchesLine(line, name)) search.matching.push(line);
    }
    return taken;
  }

  function open(name: string): readonly KnownHostsLine[] {
    searchPatterns(name, Number.POSITIVE_INFINITY);
    return [...(byName.get(name) ?? []), ...searchFor(name).matching];
  }

  /**
   * Each hashed line costs an HMAC, so the search continues where the last one succeeded: files in inventory
   * order are then read once for all hosts, not once for each.
   */
  function searchHashes(name: string, most: number): number {
    if (open(name).length > 0) return 0;
    const search = searchFor(name);
    let taken = 0;
    for (const part of search.ranges) {
      for (; part.at < part.end && search.first === null && taken < most; part.at += 1) {
        taken += 1;
        const line = hashed[part.at];
        if (line === undefined || !isHashOf(line, name)) continue;
        search.first = line;
        cursor = part.at + 1;
      }
    }
    return taken;
  }

  function firstHashed(name: string): readonly KnownHostsLine[] {
    searchHashes(name, Number.POSITIVE_INFINITY);
    const { first } = searchFor(name);
    return first === null ? [] : [first];
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
    searchPatterns,
    searchHashes,
    find: (name, key) =>
      open(name).find((line) => line.key === key) ??
      hashedByKey.get(key)?.find((line) => isHashOf(line, name)),
    all: (name) => [
      ...open(name),
      ...(hashed.length > FEW ? firstHashed(name) : hashed.filter((line) => isHashOf(line, name))),
    ],
    typesOf(name) {
      const lines = open(name);
      return new Set((lines.length > 0 ? lines : firstHashed(name)).map(({ keyType }) => keyType));
    },
  };
}

/** How far a name was searched, so that no line is looked at twice. */
interface Search {
  readonly matching: KnownHostsLine[];
  patterns: number;
  first: KnownHostsLine | null;
  /** Hashed lines that are left to look at. */
  ranges: Range[];
  seen: number;
}

interface Range {
  at: number;
  readonly end: number;
}

const newSearch = (): Search => ({ matching: [], patterns: 0, first: null, ranges: [], seen: 0 });
const range = (at: number, end: number): Range => ({ at, end });

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

/** So many HMACs take a few milliseconds: enough to list all lines of a changed key. */
const FEW = 2000;
