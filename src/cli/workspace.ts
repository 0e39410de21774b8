import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Config, findConfig, loadConfig, resolveApp } from '../config/fleet-file.js';
import { loadInventory } from '../config/inventory-file.js';
import type { App } from '../model/app.js';
import type { Host } from '../model/host.js';
import type { Inventory } from '../model/inventory.js';
import { selectHosts, splitList } from '../model/select.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/** What a user wrote, read and validated. */
export interface Workspace {
  readonly config: Config;
  readonly inventory: Inventory;
}

/** A workspace narrowed to the hosts of one command, with the app as it is for their group. */
export interface Target extends Workspace {
  readonly app: App;
  /** The groups as typed, joined by commas. */
  readonly group: string;
  readonly hosts: readonly Host[];
}

/** Reads fleet.yaml and the inventory; connects to nothing. */
export async function openWorkspace(context: Context, options: CommonOptions): Promise<Workspace> {
  const file = await findConfig(context.cwd, options.config);
  const config = await loadConfig(file, { home: context.home, cwd: context.cwd });
  const inventory = await readInventory(context, options, dirname(file));
  return { config, inventory };
}

/** As {@link openWorkspace}, for a command that works on the hosts of `-g`. */
export async function openTarget(context: Context, options: CommonOptions): Promise<Target> {
  const workspace = await openWorkspace(context, options);
  const groups = splitList(options.group);
  const hosts = selectHosts(workspace.inventory, { groups, limit: options.limit });
  const app = resolveApp(workspace.config, groups);
  return { ...workspace, app, group: groups.join(','), hosts };
}

function readInventory(
  context: Context,
  options: CommonOptions,
  configDir: string,
): Promise<Inventory> {
  const named = options.inventory.map((path) => resolve(context.cwd, path));
  return loadInventory({
    paths: named.length > 0 ? named : [join(configDir, 'inventories')],
    home: context.home,
    cwd: context.cwd,
    env: context.env,
    localUser: context.user,
    fileExists: async (path) => {
      try {
        await access(path);
        return true;
      } catch {
        return false;
      }
    },
  });
}
