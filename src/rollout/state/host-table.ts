import type { HostName } from '../../model/names.js';
import { type HostRun, nameOf, PREDICATES, type Predicate } from './host-run.js';

/** Hosts of one wave in one block: large enough to find a host fast, small enough to copy. */
const BLOCK_SIZE = 64;

const ALL_TRAITS = Object.keys(PREDICATES) as readonly Predicate[];

/** How many hosts match each predicate; a predicate with no host may be absent. */
type Tally = Readonly<Partial<Record<Predicate, number>>>;

interface Block {
  readonly hosts: readonly HostRun[];
  readonly tally: Tally;
}

interface Section {
  readonly blocks: readonly Block[];
  readonly tally: Tally;
}

interface Place {
  readonly wave: number;
  readonly block: number;
  readonly at: number;
}

/**
 * The hosts of a run in plan order, and how many of them match each predicate. Immutable: `with`
 * returns a new table that shares all but one block with the old one. So neither a change nor a
 * question costs more in a run over thousands of hosts than in a small one.
 */
export class HostTable {
  readonly #sections: readonly Section[];
  readonly #places: ReadonlyMap<HostName, Place>;

  private constructor(sections: readonly Section[], places: ReadonlyMap<HostName, Place>) {
    this.#sections = sections;
    this.#places = places;
  }

  /** Of hosts in plan order, wave by wave. */
  static of(waves: readonly (readonly HostRun[])[]): HostTable {
    const sections = waves.map(sectionOf);
    const places = new Map<HostName, Place>();
    for (const [wave, { blocks }] of sections.entries()) {
      for (const [block, { hosts }] of blocks.entries()) {
        for (const [at, host] of hosts.entries()) places.set(nameOf(host), { wave, block, at });
      }
    }
    return new HostTable(sections, places);
  }

  *[Symbol.iterator](): Iterator<HostRun> {
    for (const { blocks } of this.#sections) for (const { hosts } of blocks) yield* hosts;
  }

  get(name: HostName): HostRun | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    return this.#sections[place.wave]?.blocks[place.block]?.hosts[place.at];
  }

  /** The same hosts, with the host of that name replaced. An unknown name changes nothing. */
  with(name: HostName, host: HostRun): HostTable {
    const place = this.#places.get(name);
    const before = this.get(name);
    const section = this.#sections[place?.wave ?? -1];
    const block = section?.blocks[place?.block ?? -1];
    if (!place || !before || !section || !block) return this;
    const change = changeOf(before, host);
    const hosts = block.hosts.with(place.at, host);
    const blocks = section.blocks.with(place.block, { hosts, tally: changed(block.tally, change) });
    const next = { blocks, tally: changed(section.tally, change) };
    return new HostTable(this.#sections.with(place.wave, next), this.#places);
  }

  /** How many hosts match the predicate, in one wave or in all. */
  count(trait: Predicate, wave?: number): number {
    return this.#in(wave).reduce((total, { tally }) => total + (tally[trait] ?? 0), 0);
  }

  /** The hosts that match the predicate, in plan order; blocks without a match are skipped. */
  *where(trait: Predicate, wave?: number): Generator<HostRun> {
    for (const { blocks, tally } of this.#in(wave)) {
      if (!tally[trait]) continue;
      for (const block of blocks)
        if (block.tally[trait]) yield* block.hosts.filter(PREDICATES[trait]);
    }
  }

  #in(wave: number | undefined): readonly Section[] {
    if (wave === undefined) return this.#sections;
    const section = this.#sections[wave];
    return section === undefined ? [] : [section];
  }
}

function sectionOf(hosts: readonly HostRun[]): Section {
  const blocks: Block[] = [];
  for (let at = 0; at < hosts.length; at += BLOCK_SIZE) {
    const some = hosts.slice(at, at + BLOCK_SIZE);
    blocks.push({ hosts: some, tally: tallyOf(some) });
  }
  return { blocks, tally: tallyOf(hosts) };
}

function tallyOf(hosts: readonly HostRun[]): Tally {
  const counts = ALL_TRAITS.map(
    (trait) => [trait, hosts.filter(PREDICATES[trait]).length] as const,
  );
  return changed({}, counts);
}

type Change = readonly (readonly [trait: Predicate, by: number])[];

/** The counts after one host replaces another. */
function changeOf(before: HostRun, after: HostRun): Change {
  return ALL_TRAITS.flatMap((trait): Change => {
    const had = PREDICATES[trait](before);
    return PREDICATES[trait](after) === had ? [] : [[trait, had ? -1 : 1]];
  });
}

function changed(tally: Tally, change: Change): Tally {
  if (change.length === 0) return tally;
  const next: Partial<Record<Predicate, number>> = { ...tally };
  for (const [trait, by] of change) next[trait] = (next[trait] ?? 0) + by;
  return next;
}
