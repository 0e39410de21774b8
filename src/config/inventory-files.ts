import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';

/** A file that holds inventory, or one that prints it when run. */
export interface InventoryFile {
  readonly path: string;
  readonly kind: 'yaml' | 'program';
}

/**
 * The inventory files that paths stand for: a file is itself, a folder is its `*.yaml`, `*.yml`
 * and executable files, by name. Throws `inventory_not_found` where a path is missing, or nothing
 * is found at all.
 */
export async function findInventoryFiles(paths: readonly string[]): Promise<InventoryFile[]> {
  const found = await Promise.all(paths.map(filesAt));
  const files = [...new Map(found.flat().map((file) => [file.path, file])).values()];
  if (files.length > 0) return files;
  throw new FleetError('inventory_not_found', `no inventory in ${paths.join(', ')}`, {
    hint: '`fleet init` writes one to start from, -i PATH names another',
  });
}

async function filesAt(path: string): Promise<InventoryFile[]> {
  const found = await stat(path).catch((cause: Error) => {
    throw new FleetError('inventory_not_found', `there is no inventory ${path}`, {
      hint: '`fleet init` writes one to start from, -i PATH names another',
      cause,
    });
  });
  if (!found.isDirectory()) return [{ path, kind: isYaml(path) ? 'yaml' : kindOf(found.mode) }];
  const names = (await readdir(path)).filter(
    (name) => !name.startsWith('.') && !name.endsWith('~'),
  );
  const files = await Promise.all(names.sort().map((name) => entryOf(join(path, name))));
  return files.filter((file) => file !== null);
}

async function entryOf(path: string): Promise<InventoryFile | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  if (isYaml(path)) return { path, kind: 'yaml' };
  return kindOf(found.mode) === 'program' ? { path, kind: 'program' } : null;
}

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);

const kindOf = (mode: number): InventoryFile['kind'] => ((mode & 0o111) === 0 ? 'yaml' : 'program');
