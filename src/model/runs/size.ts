import type { Size } from './policy.js';

const COUNT = /^\d{1,6}$/;
const PERCENT = /^(\d{1,3})%$/;

/** `2` or `25%`; null where the value is neither, or a percentage above 100. */
export function parseSize(value: string | number): Size | null {
  const text = String(value);
  if (COUNT.test(text)) return { kind: 'count', count: Number(text) };
  const percent = PERCENT.exec(text)?.[1];
  if (percent === undefined || Number(percent) > 100) return null;
  return { kind: 'percent', percent: Number(percent) };
}

/**
 * How many of `total` hosts a size means. Integers only: a percentage is rounded down.
 * `floor` is the least result: 1 for sizes (waves, max_unavailable), 0 for tolerances.
 */
export function sizeOf(size: Size, total: number, bounds: { readonly floor: 0 | 1 }): number {
  const hosts = size.kind === 'count' ? size.count : Math.floor((size.percent * total) / 100);
  return Math.max(bounds.floor, hosts);
}
