import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadedInventory, loadInventory } from '../../../src/config/inventory/load.js';

/** A folder with these files, gone after the test. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fleet-inventory-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

/** The machine of the person in these tests: no agent, an RSA key only. */
export const person = {
  home: '/home/me',
  localUser: 'me',
  env: {} as Record<string, string | undefined>,
  fileExists: async (path: string) => path.endsWith('id_rsa'),
};

/** The inventory of a folder that holds these files. */
export async function inventoryOf(
  files: Readonly<Record<string, string>>,
  env: Record<string, string | undefined> = {},
): Promise<LoadedInventory> {
  const cwd = await folderOf(files);
  return loadInventory({ ...person, env, cwd, paths: ['.'] });
}
