import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { loadInventory } from '../../../src/config/inventory-file.js';
import { FleetError } from '../../../src/errors/fleet-error.js';
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
    const folders = await Promise.all(
      trees.map((each, index) => write(join(root, String(index)), each)),
    );
    const asked = trees.map(({ paths }, index) =>
      paths.map((path) => join(folders[index] ?? '', path)),
    );
    const found = await listings(asked);
    const tally = { compared: 0, refused: 0, hosts: 0, differences: [] as Difference[] };
    for (const [index, each] of trees.entries()) {
      const listing = found[index];
      if (listing === undefined) throw new Error('Ansible ended before it had read all');
      const difference = await compareOne(each, folders[index] ?? '', listing);
      if (listing.error !== undefined) {
        tally.refused += 1;
        (tally as any).errors ??= {};
        const k = listing.error.replaceAll(/'[^']*'|\/tmp\S+|\d+/g, '').slice(0, 90);
        (tally as any).errors[k] = ((tally as any).errors[k] ?? 0) + 1;
      } else tally.compared += 1;
      tally.hosts += Object.keys(listing.hosts ?? {}).length;
      if (difference !== null) tally.differences.push(difference);
    }
    return tally;
  } finally {
    await rm(root, { recursive: true });
  }
}

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
