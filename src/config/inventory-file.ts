import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FleetError, type Problem, type SourceLocation } from '../errors/fleet-error.js';
import type { Inventory } from '../model/inventory.js';
import type { HostName } from '../model/names.js';
import { isAnsible, readAnsible } from './inventory-ansible.js';
import { sshDefaults } from './inventory-defaults.js';
import { findInventoryFiles, type InventoryFile } from './inventory-files.js';
import { placeLocation, type ReadPart } from './inventory-layer.js';
import { inDefaults, type Lookup } from './inventory-lookup.js';
import { mergeInventory } from './inventory-merge.js';
import { readNative } from './inventory-native.js';
import { sourceIn } from './inventory-profile.js';
import { readProgram } from './inventory-program.js';
import type { SshSurroundings } from './inventory-resolve.js';
import { invalid } from './problem-list.js';
import { shownPath } from './shown-path.js';
import { createSshConfigs } from './ssh-config.js';
import { readYaml } from './yaml-file.js';

export interface InventoryRequest {
  /** Files and folders, absolute or relative to `cwd`. */
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly home: string;
  /** The home of the password database, where ssh itself looks; often the same. */
  readonly loginHome?: string | null | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's own login name, the default of `ssh.user`. */
  readonly localUser: string;
  /** Tells which of the usual identity files are there. */
  readonly fileExists: (path: string) => Promise<boolean>;
}

/** An inventory that is valid as a whole, with the place where each host is first named. */
export interface LoadedInventory extends Inventory {
  readonly locate: (host: HostName) => SourceLocation | undefined;
  /** What of a host's address and `ssh:` comes from where. */
  readonly sourceOf: (host: HostName) => Lookup | undefined;
  /** What was passed over in ssh_config. */
  readonly notices: readonly Problem[];
}

/**
 * Reads, merges and resolves all inventory files.
 * Throws `inventory_not_found`, and `inventory_invalid` with every mistake of all files.
 */
export async function loadInventory(request: InventoryRequest): Promise<LoadedInventory> {
  const files = await findInventoryFiles(request.paths.map((path) => resolve(request.cwd, path)));
  const read = await Promise.all(files.map((file) => readPart(file, request)));
  const parts = read.flatMap(({ part }) => (part === null ? [] : [part]));
  const surroundings = await surroundingsOf(request);
  const { configs } = surroundings;
  const merged = await mergeInventory(parts, surroundings);
  // With a file missing, what refers to its groups would be reported as unknown.
  const isWhole = parts.length === files.length;
  const joined = isWhole ? [...configs.problems, ...merged.problems] : [];
  const problems = [...read.flatMap((each) => each.problems), ...joined];
  if (problems.length > 0) throw invalid('inventory_invalid', 'the inventory', problems);
  return {
    ...merged.inventory,
    locate: (host) => {
      const place = merged.places.get(host);
      return place && placeLocation(place);
    },
    sourceOf: (host) => {
      const sources = merged.sources.get(host);
      return sources && sourceIn(sources, inDefaults(surroundings.defaults.settings));
    },
    notices: configs.notices,
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

async function surroundingsOf(request: InventoryRequest): Promise<SshSurroundings> {
  const defaults = await sshDefaults(request);
  const machine = { ...request, loginHome: request.loginHome ?? null };
  return {
    defaults,
    agentSocket: request.env.SSH_AUTH_SOCK || null,
    configs: createSshConfigs(machine, defaults.knownHosts),
  };
}
