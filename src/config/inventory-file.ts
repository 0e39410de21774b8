import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FleetError, type SourceLocation } from '../errors/fleet-error.js';
import type { SshSettings } from '../model/host.js';
import type { Inventory } from '../model/inventory.js';
import type { HostName } from '../model/names.js';
import { isAnsible, readAnsible } from './inventory-ansible.js';
import { findInventoryFiles, type InventoryFile } from './inventory-files.js';
import { placeLocation, type ReadPart } from './inventory-layer.js';
import { mergeInventory } from './inventory-merge.js';
import { readNative } from './inventory-native.js';
import { readProgram } from './inventory-program.js';
import { invalid } from './problem-list.js';
import { shownPath } from './shown-path.js';
import { readYaml } from './yaml-file.js';

export interface InventoryRequest {
  /** Files and folders, absolute or relative to `cwd`. */
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's own login name, the default of `ssh.user`. */
  readonly localUser: string;
  /** Tells which of the usual identity files are there. */
  readonly fileExists: (path: string) => Promise<boolean>;
}

/** An inventory that is valid as a whole, with the place where each host is first named. */
export interface LoadedInventory extends Inventory {
  readonly locate: (host: HostName) => SourceLocation | undefined;
}

/**
 * Reads, merges and resolves all inventory files.
 * Throws `inventory_not_found`, and `inventory_invalid` with every mistake of all files.
 */
export async function loadInventory(request: InventoryRequest): Promise<LoadedInventory> {
  const files = await findInventoryFiles(request.paths.map((path) => resolve(request.cwd, path)));
  const read = await Promise.all(files.map((file) => readPart(file, request)));
  const parts = read.flatMap(({ part }) => (part === null ? [] : [part]));
  const agent = request.env.SSH_AUTH_SOCK || null;
  const defaults = await sshDefaults(request, agent);
  const merged = mergeInventory(parts, { defaults, agent });
  // With a file missing, what refers to its groups would be reported as unknown.
  const isWhole = parts.length === files.length;
  const problems = [...read.flatMap((each) => each.problems), ...(isWhole ? merged.problems : [])];
  if (problems.length > 0) throw invalid('inventory_invalid', 'the inventory', problems);
  return {
    ...merged.inventory,
    locate: (host) => {
      const place = merged.places.get(host);
      return place && placeLocation(place);
    },
  };
}

async function readPart(file: InventoryFile, request: InventoryRequest): Promise<ReadPart> {
  const shown = shownPath(file.path, request.cwd);
  const base = { dir: dirname(file.path), home: request.home };
  if (file.kind === 'program') return readProgram({ path: file.path, shown }, base, request.env);
  const text = await readFile(file.path, 'utf8').catch((cause: Error) => {
    const message = `${file.path} can not be read: ${cause.message}`;
    throw new FleetError('inventory_not_found', message, { cause });
  });
  const yaml = readYaml(shown, text);
  return isAnsible(yaml) ? readAnsible(yaml, base) : readNative(yaml, base);
}

async function sshDefaults(request: InventoryRequest, agent: string | null): Promise<SshSettings> {
  const inSsh = (name: string): string => join(request.home, '.ssh', name);
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inSsh);
  const there = await Promise.all(usual.map(request.fileExists));
  return {
    user: request.localUser,
    port: 22,
    identityFiles: usual.filter((_, index) => there[index]),
    agent,
    identitiesOnly: false,
    passphrase: null,
    knownHosts: [inSsh('known_hosts'), '/etc/ssh/ssh_known_hosts'],
    hostKeys: 'strict',
    hostKeyAlias: null,
    jump: null,
    transport: 'ssh2',
    connectTimeoutMs: 15_000,
    keepaliveMs: 15_000,
  };
}
