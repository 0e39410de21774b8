import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { CONFIG_NAME } from '../fleet/file.js';
import { INVENTORY_FOLDER } from '../project.js';
import { importedFleet, importedInventory } from './import-text.js';
import type { Imported } from './imported.js';
import { FLEET_TEXT, INVENTORY_TEXT } from './scaffold-text.js';

export interface InitFile {
  readonly path: string;
  readonly text: string;
}

/** What `fleet init` writes into a folder: a commented config and an inventory that validate. */
export function initFiles(dir: string): readonly InitFile[] {
  return [
    { path: join(dir, CONFIG_NAME), text: FLEET_TEXT },
    { path: join(dir, INVENTORY_FOLDER, 'example.yaml'), text: INVENTORY_TEXT },
  ];
}

/** The same from what was found in another tool's files, and what a person should know of them. */
export function importedFiles(
  dir: string,
  found: Imported,
): { readonly files: readonly InitFile[]; readonly notes: readonly string[] } {
  const fleet = importedFleet(found);
  const inventory = importedInventory(found);
  const name = `${found.tool.toLowerCase()}.yaml`;
  return {
    files: [
      { path: join(dir, CONFIG_NAME), text: fleet.text },
      { path: join(dir, INVENTORY_FOLDER, name), text: inventory.text },
    ],
    notes: [...found.notes, ...fleet.notes, ...inventory.notes],
  };
}

/** Writes them all, or nothing where one is there already (`usage`). Gives the paths back. */
export async function writeInitFiles(files: readonly InitFile[]): Promise<readonly string[]> {
  for (const { path } of files) if (await exists(path)) throw occupied(path);
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? occupied(path) : error;
    });
  }
  return files.map((file) => file.path);
}

const occupied = (path: string): FleetError =>
  new FleetError('usage', `${path} is there already, and init overwrites nothing`, {
    hint: 'move it away, or run init in another folder',
  });

const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
