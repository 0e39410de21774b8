import type { ReleaseId } from '../../model/names.js';
import type { ManifestEntry } from '../tree/manifest.js';
import { type Difference, differenceOf } from './difference.js';

/** A release that a host has, and what is known to be in it. */
export interface Base {
  readonly id: ReleaseId;
  readonly digest: string;
  readonly manifest: readonly ManifestEntry[];
}

export interface ChosenBase {
  readonly base: Base;
  readonly difference: Difference;
}

/** What one entry costs in an archive, beside its content. */
const ENTRY_BYTES = 1024;
/** A copy on the host costs it some processes, which a few hundred KiB are not worth. */
const LEAST_SAVED = 256 * 1024;
/** If most of it travels anyway, the whole is simpler. */
const MOST_SENT = 0.8;

/**
 * The base from which the least has to travel, the first of equals; null if the whole is as cheap. `own`: see
 * `differenceOf`.
 */
export function chooseBase(
  bases: readonly Base[],
  next: readonly ManifestEntry[],
  own: readonly string[],
): ChosenBase | null {
  const whole = wholeCost(next);
  const [best] = bases
    .map((base): ChosenBase => ({ base, difference: differenceOf(base.manifest, next, own) }))
    .toSorted((one, other) => costOf(one.difference) - costOf(other.difference));
  if (best === undefined) return null;
  const cost = costOf(best.difference);
  return whole - cost >= LEAST_SAVED && cost <= MOST_SENT * whole ? best : null;
}

const costOf = ({ sent, cleared, bytes }: Difference): number =>
  bytes + ENTRY_BYTES * sent.size + (ENTRY_BYTES / 8) * cleared.length;

function wholeCost(entries: readonly ManifestEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + ENTRY_BYTES + (entry.kind === 'file' ? entry.size : 0),
    0,
  );
}

/** Whether a release is large enough that a base may be worth looking for. */
export const isWorthwhile = (entries: readonly ManifestEntry[]): boolean =>
  wholeCost(entries) >= LEAST_SAVED;
