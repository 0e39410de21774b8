import type { TreeEntry } from './tree.js';

export type SymbolicLink = Extract<TreeEntry, { readonly kind: 'link' }>;

/** The kernel's limit before it returns ELOOP. */
const MAX_HOPS = 40;

/** Steps between two looks at the clock: a few microseconds. */
const PARTS_AT_ONCE = 64;

/** A folder above a link. Only these are kept: below any other path there is no link. */
interface Place {
  readonly parent: Place | null;
  readonly children: Map<string, Place>;
  link: SymbolicLink | null;
  /** Where the link leads; `busy` while that is worked out, so that a circle is noticed. */
  end: End | 'busy' | null;
}

/** The deepest known folder of a path, and how many parts follow. */
interface End {
  readonly at: Place;
  readonly below: number;
  /** Links followed on the way. More than the kernel's limit, or a circle, is Infinity. */
  readonly hops: number;
}

/** A link whose target is read up to `next`. */
interface Frame {
  readonly place: Place;
  readonly link: SymbolicLink;
  next: number;
  at: Place;
  below: number;
  hops: number;
}

/** All links of a tree, followed one by one; the cost grows with the length of their targets. */
export class LinkWalk {
  readonly #root: Place = placeIn(null);
  readonly #links: Place[] = [];
  #escaping: SymbolicLink | null = null;

  /** The link that leaves the tree, once `steps` has ended; null if there is none. */
  get escaping(): SymbolicLink | null {
    return this.#escaping;
  }

  add(link: SymbolicLink): void {
    let place = this.#root;
    for (let next = 0; next <= link.path.length; ) {
      const part = partAt(link.path, next);
      next += part.length + 1;
      const there = place.children.get(part) ?? placeIn(place);
      place.children.set(part, there);
      place = there;
    }
    place.link = link;
    this.#links.push(place);
  }

  /** Follows all links in small steps; ends at the first that leaves the tree. */
  *steps(): Generator<void> {
    let parts = 0;
    for (const place of this.#links) {
      const frames: Frame[] = [];
      if (place.end === null) this.#enter(frames, place);
      for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
        this.#step(frame, frames);
        if (this.#escaping !== null) return;
        parts += 1;
        if (parts % PARTS_AT_ONCE === 0) yield;
      }
    }
  }

  #enter(frames: Frame[], place: Place): void {
    const { link, parent } = place;
    if (link === null || parent === null) return;
    place.end = 'busy';
    if (link.target.startsWith('/')) this.#escaping = link;
    frames.push({ place, link, next: 0, at: parent, below: 0, hops: 1 });
  }

  #step(frame: Frame, frames: Frame[]): void {
    const { link, next } = frame;
    if (next > link.target.length || frame.hops > MAX_HOPS) {
      const hops = frame.hops > MAX_HOPS ? Infinity : frame.hops;
      frame.place.end = { at: frame.at, below: frame.below, hops };
      frames.pop();
      return;
    }
    const part = partAt(link.target, next);
    if (part === '..') this.#up(frame);
    else if (part !== '' && part !== '.' && !this.#down(frame, part, frames)) return;
    frame.next = next + part.length + 1;
  }

  #up(frame: Frame): void {
    if (frame.below > 0) frame.below -= 1;
    else if (frame.at.parent === null) this.#escaping = frame.link;
    else frame.at = frame.at.parent;
  }

  /** False if the part is a link that must be followed first; then it is asked for again. */
  #down(frame: Frame, part: string, frames: Frame[]): boolean {
    const there = frame.below > 0 ? undefined : frame.at.children.get(part);
    if (there === undefined) frame.below += 1;
    else if (there.link === null) frame.at = there;
    else if (there.end === 'busy') frame.hops = Infinity;
    else if (there.end === null) {
      this.#enter(frames, there);
      return false;
    } else {
      frame.at = there.end.at;
      frame.below = there.end.below;
      frame.hops += there.end.hops;
    }
    return true;
  }
}

const placeIn = (parent: Place | null): Place => ({
  parent,
  children: new Map(),
  link: null,
  end: null,
});

function partAt(text: string, start: number): string {
  const end = text.indexOf('/', start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}
