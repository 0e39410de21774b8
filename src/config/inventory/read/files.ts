import { constants } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FleetError, type Problem } from '../../../errors/fleet-error.js';

/** A file that holds inventory, or one that prints it when run. */
export interface InventoryFile {
  readonly path: string;
  readonly kind: 'text' | 'program';
  /** Found in a folder, and its name does not tell whether it is an inventory. If it cannot be read as one, it is ignored. */
  readonly isDoubtful: boolean;
}

/** What was found at the paths that the user gave. */
export interface FoundFiles {
  readonly files: readonly InventoryFile[];
  /** The folder of each path: it may hold `group_vars` and `host_vars`. */
  readonly folders: readonly string[];
  readonly notices: readonly Problem[];
}

const HINT = 'put one there, or name one with -i PATH; `fleet schema inventory` has its form';

/**
 * The inventory files at the given paths. A file is itself. A folder is all files in it and below, by
 * name, except those that Ansible ignores: hidden ones, backups, texts, `group_vars` and `host_vars`.
 * Throws `inventory_not_found` where a path is missing, or nothing is found at all.
 */
export async function findInventoryFiles(paths: readonly string[]): Promise<FoundFiles> {
  const notices: Problem[] = [];
  const folders: string[] = [];
  const files = new Map<string, InventoryFile>();
  for (const path of paths) {
    const found = await stat(path).catch((cause: Error) => {
      const message = `there is no inventory ${path}`;
      throw new FleetError('inventory_not_found', message, { hint: HINT, cause });
    });
    folders.push(found.isDirectory() ? path : join(path, '..'));
    const inside = found.isDirectory()
      ? await filesBelow(path, notices, 0)
      : [{ path, kind: await kindOf(path), isDoubtful: false }];
    for (const file of inside) if (!files.has(file.path)) files.set(file.path, file);
  }
  if (files.size > 0) return { files: [...files.values()], folders, notices };
  throw new FleetError('inventory_not_found', `no inventory in ${paths.join(', ')}`, {
    hint: HINT,
  });
}

/** As Ansible has it; `.ini` is read, which older versions of Ansible pass over in a folder. */
const PASSED_OVER =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.cfg|\.retry)$/;
const INVENTORY_NAME = /\.(?:ya?ml|json|ini|toml)$/;
const MAX_DEPTH = 8;

async function filesBelow(
  folder: string,
  notices: Problem[],
  depth: number,
): Promise<readonly InventoryFile[]> {
  const files: InventoryFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (depth > 0 && /^(?:group|host)_vars$/.test(name) && found?.isDirectory() === true) {
      const message = `${path} is not read: it counts only for an inventory that is named directly`;
      notices.push({ message, hint: `-i ${folder}` });
    }
    if (found === null || PASSED_OVER.test(name)) continue;
    if (found.isDirectory() && depth < MAX_DEPTH) {
      files.push(...(await filesBelow(path, notices, depth + 1)));
    } else if (found.isFile()) {
      const kind = await kindOf(path);
      files.push({ path, kind, isDoubtful: kind === 'text' && !INVENTORY_NAME.test(name) });
    }
  }
  return files;
}

/**
 * On some file systems every file may be run. So a program is only what also is one: a script that names
 * its interpreter, or a binary. What is YAML by its name is never run.
 */
async function kindOf(path: string): Promise<InventoryFile['kind']> {
  if (/\.ya?ml$/.test(basename(path))) return 'text';
  const mayRun = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return mayRun && isProgram(await headOf(path)) ? 'program' : 'text';
}

/** `#!`, ELF, or one of the forms of macOS. */
const isProgram = (head: Buffer): boolean =>
  head.subarray(0, 2).toString('latin1') === '#!' ||
  ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'].includes(
    head.toString('hex'),
  );

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

const HEAD_BYTES = 4;
