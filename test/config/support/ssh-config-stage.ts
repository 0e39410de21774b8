import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LoadedInventory, loadInventory } from '../../../src/config/inventory/load.js';
import { findSsh } from '../../../src/config/ssh-config/ask.js';
import { createSshConfigs } from '../../../src/config/ssh-config/read.js';
import type { SshConfigLayer } from '../../../src/config/ssh-config/settings.js';
import { folderOf } from './inventory-folder.js';

/** The real ssh of this machine, which reads only what it is given by -F. */
export const WITH_SSH = { PATH: process.env.PATH };
export const WITHOUT_SSH = { PATH: '/nonexistent' };
/** Without it there is no one to ask what an ssh_config says, and such tests are skipped. */
export const hasSsh = findSsh(process.env) !== null;

type Env = Readonly<Record<string, string | undefined>>;

/** The home of a person whose files are these, named from the home. */
export async function homeOf(files: Readonly<Record<string, string>>): Promise<string> {
  const home = await folderOf({});
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
  return home;
}

/** The inventory of a user with this `~/.ssh/config`, and other files. */
export async function inventoryWith(
  config: string,
  inventory: string,
  more: {
    readonly files?: Readonly<Record<string, string>>;
    readonly env?: Env;
    readonly home?: string;
  } = {},
): Promise<LoadedInventory & { readonly home: string }> {
  const files = { '.ssh/config': config, 'inv/a.yaml': inventory, ...more.files };
  const home = more.home ?? (await homeOf(files));
  const loaded = await loadInventory({
    paths: [join(home, 'inv')],
    cwd: home,
    home,
    localUser: 'me',
    env: more.env ?? WITH_SSH,
    fileExists: async () => false,
  });
  return { ...loaded, home };
}

/** Asks about hosts by their addresses alone, of the config in a home. */
export async function learn(
  home: string,
  addresses: readonly string[],
  env: Env = WITH_SSH,
): Promise<readonly SshConfigLayer[]> {
  const paths = { cwd: home, home, loginHome: null };
  const machine = { ...paths, env, localUser: 'me', owners: null, runPrograms: true };
  const configs = createSshConfigs(machine, { user: [], global: [] });
  const layers = await configs.learn(
    addresses.map((address) => ({
      address,
      user: null,
      port: null,
      hasJump: false,
      file: undefined,
    })),
  );
  if (configs.problems.length > 0) throw new Error(JSON.stringify(configs.problems));
  return layers;
}

/** What a layer says, without where. */
export const valuesIn = (layer: SshConfigLayer | undefined): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...(layer ?? [])].map(([key, { value }]) => [key, value]));
