import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError, type Problem } from '../../errors/fleet-error.js';
import { findAnsible } from '../ansible/ask.js';
import { formOf } from '../ansible/form.js';
import { type Gathered, gatherAnsible } from '../ansible/gather.js';
import { runProgram } from '../ansible/program.js';
import type { AnsibleInput } from '../ansible/read.js';
import { ownersOf, refuseDistrusted, refuseProgram } from '../paths/owners.js';
import { shownPath } from '../paths/shown-path.js';
import type { FoundFiles, InventoryFile } from './read/files.js';
import { readNative } from './read/native.js';
import type { ReadPart } from './read/parts.js';
import type { InventoryRequest } from './request.js';

/** A file in fleet's own form, or one that goes together with all others of Ansible's. */
type Read =
  | { readonly kind: 'part'; readonly read: ReadPart }
  | { readonly kind: 'ansible'; readonly input: AnsibleInput }
  | { readonly kind: 'unread'; readonly what: string };

/**
 * Reads what was found: each file of fleet's own form is a part, and all of Ansible's forms are one, at
 * the place of the first of them.
 */
export async function readInventoryFiles(
  found: FoundFiles,
  request: InventoryRequest,
): Promise<readonly Gathered[]> {
  const read = await Promise.all(found.files.map((file) => readOne(file, request)));
  const inputs = read.flatMap((each) => (each.kind === 'ansible' ? [each.input] : []));
  const gathered = inputs.length === 0 ? null : await gather(inputs, found.folders, request);
  const first = read.findIndex((each) => each.kind === 'ansible');
  return read.flatMap((each, index): readonly Gathered[] => {
    const nothing = { notices: index === 0 ? found.notices : [], unread: [] };
    if (each.kind === 'part') return [{ ...nothing, ...each.read }];
    if (each.kind === 'unread') {
      return [{ ...nothing, part: null, problems: [], unread: [each.what] }];
    }
    if (gathered === null || index !== first) return [];
    return [{ ...gathered, notices: [...nothing.notices, ...gathered.notices] }];
  });
}

async function readOne(file: InventoryFile, request: InventoryRequest): Promise<Read> {
  const { path } = file;
  const shown = shownPath(path, request.cwd);
  if (file.kind === 'program') {
    if (request.runPrograms === false) return { kind: 'unread', what: `${shown}, a program` };
    await refuseProgram(path, ownersOf(request.env));
    const output = await runProgram({ path, shown }, request.env);
    const content = { kind: 'output', output } as const;
    return { kind: 'ansible', input: { ...file, shown, content } };
  }
  await refuseDistrusted(path, request.owners ?? null, '-i');
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    const message = `${path} cannot be read: ${cause.message}`;
    throw new FleetError('inventory_not_found', message, { cause });
  });
  if (/^#!/.test(text) && !/\.ya?ml$/.test(path)) {
    const message = `${shown} is an inventory program, but is not executable`;
    const problems: readonly Problem[] = [{ message, hint: `chmod +x ${shown}` }];
    return { kind: 'part', read: { part: null, problems } };
  }
  const form = formOf(path, shown, text);
  if (form.kind !== 'fleet') return { kind: 'ansible', input: { ...file, shown, content: form } };
  const base = { dir: dirname(path), home: request.home };
  return { kind: 'part', read: readNative(form.yaml, base) };
}

async function gather(
  inputs: readonly AnsibleInput[],
  folders: readonly string[],
  request: InventoryRequest,
): Promise<Gathered> {
  const { cwd, env, home } = request;
  const isOffline = request.runPrograms === false;
  const gathered = await gatherAnsible({
    inputs,
    folders,
    base: { dir: cwd, home },
    env,
    access: {
      trust: (path) => refuseDistrusted(path, request.owners ?? null, '-i'),
      show: (path) => shownPath(path, cwd),
    },
    ansible: isOffline ? null : findAnsible({ cwd, env, home }),
    isOffline,
  });
  return { ...gathered, notices: [...gathered.notices, ...(await besidePlaybooks(folders, cwd))] };
}

/** Ansible reads these for playbooks of that folder, and `ansible-inventory` does not. */
async function besidePlaybooks(
  folders: readonly string[],
  cwd: string,
): Promise<readonly Problem[]> {
  if (folders.some((folder) => join(folder, '.') === join(cwd, '.'))) return [];
  const notices: Problem[] = [];
  for (const name of ['group_vars', 'host_vars']) {
    const found = await stat(join(cwd, name)).catch(() => null);
    if (found?.isDirectory() !== true) continue;
    const message = `${name} of the working directory is not read: it is not beside the inventory`;
    notices.push({ message, hint: `what fleet needs of it belongs beside the inventory` });
  }
  return notices;
}
