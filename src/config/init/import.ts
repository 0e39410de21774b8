import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import type { Host } from '../../model/hosts/host.js';
import { readAnsible } from './ansible/read.js';
import { readCapistrano } from './capistrano/read.js';
import { readDeployerPhp } from './deployer/read-php.js';
import { readDeployerYaml } from './deployer/read-yaml.js';
import type { Imported, ImportFile } from './imported.js';
import { readKamal } from './kamal/read.js';

/** The tools whose files `fleet init --from` reads. */
export const IMPORTABLE = ['capistrano', 'deployer', 'kamal', 'ansible'] as const;

export type Importable = (typeof IMPORTABLE)[number];

export interface ImportRequest {
  readonly tool: Importable;
  /** A project, or the file itself; absolute. */
  readonly path: string;
  /** Reads an inventory of Ansible as fleet does; runs nothing. */
  readonly loadHosts: (path: string) => Promise<readonly Host[]>;
}

/** A larger file is no configuration. */
const LARGEST = 2_000_000;

/** Reads the files of another tool. Runs nothing. Throws `usage` where they are not there, naming what was looked for. */
export async function importFrom({ tool, path, loadHosts }: ImportRequest): Promise<Imported> {
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? null;
  if (isFolder === null) throw missing(tool, [path]);
  const base = isFolder ? path : dirname(path);
  switch (tool) {
    case 'capistrano': {
      const config = isFolder ? join(path, 'config/deploy.rb') : path;
      return readCapistrano({
        capfile: await read(join(path, 'Capfile'), path).catch(() => null),
        deploy: await readAny(tool, [config], base),
        stages: await stagesOf(join(dirname(config), 'deploy'), base),
      });
    }
    case 'deployer': {
      const names = ['deploy.php', 'deploy.yaml', 'deploy.yml'].map((name) => join(path, name));
      const file = await readAny(tool, isFolder ? names : [path], base);
      return file.name.endsWith('.php') ? readDeployerPhp(file) : readDeployerYaml(file);
    }
    case 'kamal':
      return readKamal(
        await readAny(tool, [isFolder ? join(path, 'config/deploy.yml') : path], base),
      );
    case 'ansible': {
      const inventory = isFolder ? await inventoryIn(path) : path;
      const files = await ansibleFiles(base);
      return readAnsible({ files, hosts: inventory === null ? [] : await loadHosts(inventory) });
    }
  }
}

async function readAny(
  tool: Importable,
  paths: readonly string[],
  base: string,
): Promise<ImportFile> {
  for (const path of paths) {
    const file = await read(path, base).catch(() => null);
    if (file !== null) return file;
  }
  throw missing(tool, paths);
}

async function read(path: string, base: string): Promise<ImportFile> {
  const { size } = await stat(path);
  if (size > LARGEST) throw new FleetError('usage', `${path} is too large for a configuration`);
  return { name: relative(base, path) || basename(path), text: await readFile(path, 'utf8') };
}

async function stagesOf(folder: string, base: string): Promise<ReadonlyMap<string, ImportFile>> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.rb'));
  const files = names.map(
    async (name) => [name.replace(/\.rb$/, ''), await read(join(folder, name), base)] as const,
  );
  return new Map(await Promise.all(files));
}

const INVENTORIES =
  'inventory inventories hosts inventory.ini inventory.yml inventory.yaml hosts.ini hosts.yml hosts.yaml'.split(
    ' ',
  );

async function inventoryIn(folder: string): Promise<string | null> {
  const names = new Set(await namesIn(folder));
  const name = INVENTORIES.find((each) => names.has(each));
  return name === undefined ? null : join(folder, name);
}

/** Playbooks of the folder, and the variables of groups. */
async function ansibleFiles(base: string): Promise<readonly ImportFile[]> {
  const folders = ['.', 'group_vars', 'group_vars/all', 'vars'].map((each) => join(base, each));
  const paths = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => join(folder, name))),
  );
  const texts = paths.flat().filter((path) => /\.ya?ml$|group_vars\/[^./]+$/.test(path));
  const files = await Promise.all(texts.map((path) => read(path, base).catch(() => null)));
  return files.filter((file) => file !== null);
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).toSorted();

const missing = (tool: Importable, paths: readonly string[]): FleetError =>
  new FleetError('usage', `no files of ${tool} are there: ${paths.join(', ')}`, {
    hint: 'name the folder of the project, or the file itself: fleet init --from TOOL PATH',
  });
