import { resolve } from 'node:path';
import type { Problem, SourceLocation } from '../../errors/fleet-error.js';
import type { Inventory } from '../../model/hosts/inventory.js';
import type { HostName } from '../../model/names.js';
import { ownersOf, refuseDistrusted } from '../paths/owners.js';
import { invalid } from '../schema/problem-list.js';
import { createSshConfigs } from '../ssh-config/read.js';
import { placeLocation } from '../yaml/place.js';
import { mergeInventory } from './merge.js';
import { findInventoryFiles } from './read/files.js';
import { readInventoryFiles } from './read-files.js';
import type { InventoryRequest } from './request.js';
import { sshDefaults } from './resolve/defaults.js';
import { inDefaults, type Lookup } from './resolve/lookup.js';
import { sourceIn } from './resolve/profile.js';
import type { SshSurroundings } from './resolve/resolve.js';

/** An inventory that is valid as a whole, with the place where each host is first named. */
export interface LoadedInventory extends Inventory {
  readonly locate: (host: HostName) => SourceLocation | undefined;
  /** What of a host's address and `ssh:` comes from where. */
  readonly sourceOf: (host: HostName) => Lookup | undefined;
  /** What was ignored in ssh_config and in Ansible's files. */
  readonly notices: readonly Problem[];
  /** What was not read, as that would run a program. */
  readonly unread: readonly string[];
}

/**
 * Reads, merges and resolves all inventory files.
 * Throws `inventory_not_found`, `untrusted_file` where another user could have written one, and
 * `inventory_invalid` with every mistake of all files.
 */
export async function loadInventory(request: InventoryRequest): Promise<LoadedInventory> {
  const found = await findInventoryFiles(request.paths.map((path) => resolve(request.cwd, path)));
  for (const path of request.paths) {
    await refuseDistrusted(resolve(request.cwd, path), request.owners ?? null, '-i');
  }
  const read = await readInventoryFiles(found, request);
  const parts = read.flatMap(({ part }) => (part === null ? [] : [part]));
  const surroundings = await surroundingsOf(request);
  const { configs } = surroundings;
  const merged = await mergeInventory(parts, surroundings);
  // With a file missing, what refers to its groups would be reported as unknown.
  const isWhole = parts.length === read.length;
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
    notices: [...read.flatMap((each) => each.notices), ...configs.notices],
    unread: [...read.flatMap((each) => each.unread), ...configs.unread],
  };
}

async function surroundingsOf(request: InventoryRequest): Promise<SshSurroundings> {
  const defaults = await sshDefaults(request);
  const machine = {
    ...request,
    loginHome: request.loginHome ?? null,
    owners: request.owners ?? ownersOf(request.env),
    runPrograms: request.runPrograms ?? true,
  };
  return {
    defaults,
    agentSocket: request.env.SSH_AUTH_SOCK || null,
    configs: createSshConfigs(machine, defaults.knownHosts),
  };
}
