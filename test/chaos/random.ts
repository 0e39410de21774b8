/** Chance that can be had again: the same seed, the same numbers. */
export interface Chance {
  /** From `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** An integer, both ends included. */
  whole(least: number, most: number): number;
  /** True with that probability, 0 to 1. */
  likely(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** By weight: `[['often', 3], ['seldom', 1]]`. */
  weighed<Item>(items: readonly (readonly [Item, number])[]): Item;
  /** So many different ones, in the order in which they are given. */
  some<Item>(count: number, items: readonly Item[]): readonly Item[];
}

/** Draws from any number of whole numbers, as those of a seed and a run. */
export function chanceOf(...seeds: readonly number[]): Chance {
  const next = mulberry32(seeds.reduce((hash, seed) => mix(hash ^ seed), 0x9e3779b9));
  const between: Chance['between'] = (least, most) => least + next() * (most - least);
  const whole: Chance['whole'] = (least, most) => Math.floor(between(least, most + 1));
  return {
    between,
    whole,
    likely: (probability) => next() < probability,
    pick: (items) => at(items, whole(0, items.length - 1)),
    weighed(items) {
      let left = between(
        0,
        items.reduce((sum, [, weight]) => sum + weight, 0),
      );
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return at(items, items.length - 1)[0];
    },
    some(count, items) {
      const left = items.map((_, index) => index);
      const chosen = Array.from({ length: Math.min(count, left.length) }, () =>
        at(left.splice(whole(0, left.length - 1), 1), 0),
      );
      return items.filter((_, index) => chosen.includes(index));
    },
  };
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`nothing to choose from at ${index}`);
  return item;
}

/** Tommy Ettinger's mulberry32: 32 bits of state, quick, and even enough for choices. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The end of MurmurHash3: each bit in moves each bit out, so that neighbours share nothing. */
function mix(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
