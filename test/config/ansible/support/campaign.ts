import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { loadInventory } from '../../../../src/config/inventory/load.js';
import { FleetError } from '../../../../src/errors/fleet-error.js';
import { actual, expected } from './compare.js';
import { type Tree, tree } from './generate.js';
import { type Listing, listings } from './oracle.js';

/** What a campaign found. */
export interface Tally {
  readonly compared: number;
  /** Inventories that Ansible itself refuses. */
  readonly refused: number;
  readonly hosts: number;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly tree: Tree;
  readonly fleet: unknown;
  readonly ansible: unknown;
}

/** Generates inventories by a seed, and holds what fleet reads against what Ansible reads. */
export async function compareMany(options: { seed: number; count: number }): Promise<Tally> {
  const trees = fc.sample(tree, { seed: options.seed, numRuns: options.count });
  const root = await mkdtemp(join(tmpdir(), 'fleet-ansible-'));
  try {
    const folders = trees.map((_, index) => join(root, String(index)));
    for (const [index, each] of trees.entries()) await write(folders[index] ?? '', each);
    const asked = trees.map(({ paths }, index) =>
      paths.map((path) => join(folders[index] ?? '', path)),
    );
    const tally = { compared: 0, refused: 0, hosts: 0 };
    const differences: Difference[] = [];
    let index = 0;
    // Ansible reads the next one while fleet reads this one.
    for await (const listing of listings(asked)) {
      const each = trees[index];
      if (each === undefined) break;
      if (listing.error === undefined) tally.compared += 1;
      else tally.refused += 1;
      tally.hosts += Object.keys(listing.hosts ?? {}).length;
      const difference = await compareOne(each, folders[index] ?? '', listing);
      if (difference !== null) differences.push(difference);
      index += 1;
    }
    if (index < trees.length)
      throw new Error(`Ansible ended after ${index} of ${trees.length} inventories`);
    return { ...tally, differences };
  } finally {
    await rm(root, { recursive: true });
  }
}

/** A difference as a person reads it: the files, then what is not alike. */
export function shownDifference({ tree: { files, paths }, fleet, ansible }: Difference): string {
  const texts = Object.entries(files).map(([name, text]) => `--- ${name}\n${text}`);
  const unlike = Array.isArray(fleet) ? fleet : unlikeParts(fleet, ansible);
  return [`-i ${paths.join(' -i ')}`, ...texts, ...unlike].join('\n');
}

function unlikeParts(fleet: unknown, ansible: unknown, path = ''): readonly string[] {
  if (isDeepStrictEqual(fleet, ansible)) return [];
  if (!isMap(fleet) || !isMap(ansible)) {
    return [`${path}: fleet ${JSON.stringify(fleet)}, ansible ${JSON.stringify(ansible)}`];
  }
  const keys = new Set([...Object.keys(fleet), ...Object.keys(ansible)]);
  return [...keys].flatMap((key) => unlikeParts(fleet[key], ansible[key], `${path}/${key}`));
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function write(folder: string, { files }: Tree): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function compareOne(each: Tree, cwd: string, listing: Listing): Promise<Difference | null> {
  if (listing.error !== undefined) return null;
  const home = '/home/me';
  const ansible = expected(listing, { cwd, home });
  const request = { cwd, home, env: {}, localUser: 'me', fileExists: async () => false };
  try {
    const fleet = actual(await loadInventory({ ...request, paths: each.paths }));
    return isDeepStrictEqual(fleet, ansible) ? null : { tree: each, fleet, ansible };
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    const fleet = error.problems.map(
      ({ message, location }) => `${location?.file}:${location?.line} ${message}`,
    );
    return { tree: each, fleet: fleet.length > 0 ? fleet : error.message, ansible };
  }
}
