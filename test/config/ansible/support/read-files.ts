import { loadInventory } from '../../../../src/config/inventory/load.js';
import { selectHosts } from '../../../../src/model/hosts/select.js';
import { folderOf, person } from '../../support/inventory-folder.js';
import { mistakesOf } from '../../support/shown.js';

type Files = Readonly<Record<string, string>>;
type Loaded = Awaited<ReturnType<typeof loadInventory>>;

/** The inventory of these files, each named by `-i` unless others are. */
export async function readFiles(files: Files, ...paths: string[]): Promise<Loaded> {
  const cwd = await folderOf(files);
  return loadInventory({ ...person, cwd, paths: paths.length > 0 ? paths : Object.keys(files) });
}

export const yaml = (text: string): Promise<Loaded> => readFiles({ 'hosts.yml': text });

/** Each host as `user@address:port`, by its name. */
export const reached = ({ hosts }: Loaded): Readonly<Record<string, string>> =>
  Object.fromEntries(
    hosts.map(({ name, address, ssh }) => [name, `${ssh.user}@${address}:${ssh.port}`]),
  );

/** What is against a selection of these groups. */
export async function objections(text: string, ...groups: string[]): Promise<readonly string[]> {
  const inventory = await yaml(text);
  return mistakesOf(() => selectHosts(inventory, { groups }));
}
