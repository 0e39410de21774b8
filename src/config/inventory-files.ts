import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';

/** A file that holds inventory, or one that prints it when run. */
export interface InventoryFile {
  readonly path: string;
  readonly kind: 'yaml' | 'program';
}

/**
 * The inventory files that paths stand for: a file is itself, a folder is its `*.yaml`, `*.yml`
 * and programs, by name. Throws `inventory_not_found` where a path is missing, or nothing
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
  if (!found.isDirectory()) return [{ path, kind: await kindOf(path, found.mode) }];
  const names = (await readdir(path)).filter(
    (name) => !name.startsWith('.') && !name.endsWith('~'),
  );
  const files = await Promise.all(names.sort().map((name) => entryOf(join(path, name))));
  return files.filter((file) => file !== null);
}

async function entryOf(path: string): Promise<InventoryFile | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const kind = await kindOf(path, found.mode);
  return kind === 'program' || isYaml(path) ? { path, kind } : null;
}

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);

/**
 * On some file systems every file may be run. So a program is only what also looks like one: a script
 * that names its interpreter, or a binary.
 */
async function kindOf(path: string, mode: number): Promise<InventoryFile['kind']> {
  if (isYaml(path) || (mode & 0o111) === 0) return 'yaml';
  const head = await headOf(path);
  return head.subarray(0, 2).toString('latin1') === '#!' || head.includes(0) ? 'program' : 'yaml';
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path).catch(() => null);
  if (file === null) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const HEAD_BYTES = 512;
