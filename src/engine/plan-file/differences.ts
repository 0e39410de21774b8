import { isDeepStrictEqual } from 'node:util';

/** One value that two plans have differently. */
export interface Difference {
  readonly path: readonly string[];
  readonly was: unknown;
  readonly is: unknown;
}

/**
 * What differs between two pieces of data, as deep down as both are maps. A list is one value, and so
 * is a map with a `kind`. Sizes in bytes are left out: they depend on the machine that packs.
 */
export function differences(was: unknown, is: unknown, path: readonly string[] = []): Difference[] {
  if (isDeepStrictEqual(was, is) || path.at(-1)?.endsWith('Bytes') === true) return [];
  const isValue = path.length > 0 && (isVariant(was) || isVariant(is));
  if (isValue || !isMap(was) || !isMap(is)) return [{ path, was, is }];
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...keys].flatMap((key) => differences(was[key], is[key], [...path, key]));
}

type DataMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is DataMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isVariant = (value: unknown): boolean => isMap(value) && 'kind' in value;
