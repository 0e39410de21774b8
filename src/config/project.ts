import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { suggest } from '../errors/did-you-mean.js';
import { FleetError, type Problem } from '../errors/fleet-error.js';
import { type Config, type Configs, findConfig, loadConfigs, once } from './fleet/file.js';
import { type LoadedInventory, loadInventory } from './inventory/load.js';
import type { InventoryRequest } from './inventory/request.js';
import { type Owners, ownersOf } from './paths/owners.js';
import { invalid } from './schema/problem-list.js';
import { sharedRoots } from './shared-roots.js';
import { nodeAt, type YamlNode } from './yaml/node.js';
import { locate } from './yaml/source-text.js';

/** Where to read, from the user's command line and machine. */
export interface ProjectRequest extends Omit<InventoryRequest, 'paths' | 'owners'> {
  /** `-c`; undefined searches upwards for `fleet.yaml`. */
  readonly configFile?: string | undefined;
  /** `-i`, repeated; none means `inventories/` beside the config. */
  readonly inventoryPaths?: readonly string[] | undefined;
}

/** Config and inventory, valid as a whole. */
export interface Project {
  /** The apps of `fleet.yaml`. */
  readonly configs: Configs;
  readonly inventory: LoadedInventory;
}

/** The folder that is read beside `fleet.yaml` where `-i` names nothing. */
export const INVENTORY_FOLDER = 'inventories';

/**
 * Reads everything that a command needs before it connects anywhere. Mistakes of config and
 * inventory are thrown together: `config_invalid`, or `inventory_invalid` where only that has any.
 */
export async function loadProject(request: ProjectRequest): Promise<Project> {
  const file = await findConfig(request.cwd, request.configFile, request.env);
  const named = request.inventoryPaths ?? [];
  const owners = named.length > 0 ? null : await ownersBeside(file, request);
  const paths = named.length > 0 ? named : [join(dirname(resolve(file)), INVENTORY_FOLDER)];
  const [configs, inventory] = await Promise.all([
    orRefusal(loadConfigs(file, request)),
    orRefusal(loadInventory({ ...request, paths, owners })),
  ]);
  if (configs instanceof FleetError || inventory instanceof FleetError) {
    throw joined([configs, inventory].filter((each) => each instanceof FleetError));
  }
  // An inventory named by -i may well be a part of the fleet.
  const isPart = named.length > 0 || inventory.unread.length > 0;
  const unknown = isPart ? [] : configs.flatMap((config) => mismatches(config, inventory));
  const problems = [...once(unknown), ...sharedRoots(configs, inventory)];
  if (problems.length > 0) throw invalid('config_invalid', configs[0].yaml.source.file, problems);
  return { configs, inventory };
}

/** Who may have written the inventory beside a config: whoever names that trusts its owner. */
async function ownersBeside(file: string, request: ProjectRequest): Promise<Owners> {
  const owners = ownersOf(request.env);
  if (owners === null || request.configFile === undefined) return owners;
  return new Set([...owners, (await stat(file)).uid]);
}

const orRefusal = <Value>(loading: Promise<Value>): Promise<Value | FleetError> =>
  loading.catch((error: unknown) => {
    if (error instanceof FleetError) return error;
    throw error;
  });

function joined(refusals: readonly FleetError[]): FleetError {
  const [first] = refusals;
  if (first !== undefined && refusals.length === 1) return first;
  const problems = refusals.flatMap((each): readonly Problem[] =>
    each.problems.length > 0 ? each.problems : [{ message: each.message, hint: each.hint }],
  );
  return invalid(first?.code ?? 'config_invalid', 'what you wrote', problems);
}

/** Groups and labels that the config names and the inventory does not have. */
function mismatches(config: Config, inventory: LoadedInventory): readonly Problem[] {
  const groups = [...inventory.groups.keys()];
  const unknown = [...config.environments]
    .filter(([name]) => !inventory.groups.has(name))
    .map(([name, location]) => ({
      message: `environments: there is no group ${name} in the inventory`,
      hint: suggest(name, groups),
      location,
    }));
  const unknownGroups = (config.groups ?? [])
    .filter((name) => !inventory.groups.has(name))
    .map((name) => ({
      message: `groups: there is no group ${name} in the inventory`,
      hint: suggest(name, groups),
      location: placeOfGroups(config),
    }));
  return [
    ...unknown,
    ...unknownGroups,
    ...unguarded(config, inventory),
    ...unnotified(config, inventory),
    ...unknownLabels(config, inventory),
  ];
}

/** A group that is misspelled there would leave its hosts without what it asks for. */
function unguarded(config: Config, inventory: LoadedInventory): readonly Problem[] {
  const { approvals, requireReason } = config.app;
  const rules = [
    { path: ['approvals', 'groups'], groups: approvals?.groups ?? [] },
    { path: ['require_reason'], groups: requireReason?.groups ?? [] },
  ];
  return rules.flatMap(({ path, groups }) =>
    groups
      .filter((name) => !inventory.groups.has(name))
      .map((name) => ({
        message: `${path.join('.')}: there is no group ${name} in the inventory`,
        hint: suggest(name, [...inventory.groups.keys()]),
        location: placeOf(config, path),
      })),
  );
}

/** Receivers of a group that is misspelled would get nothing, and no one would miss it. */
function unnotified(config: Config, inventory: LoadedInventory): readonly Problem[] {
  const { root, source } = config.yaml;
  const known = [...inventory.groups.keys()];
  const layers = [[], ...[...config.environments.keys()].map((name) => ['environments', name])];
  return layers.flatMap((layer) => {
    const list = root && nodeAt(root, [...layer, 'notify'])?.node;
    if (list?.kind !== 'list') return [];
    return list.items
      .flatMap((item) => scalarsIn(nodeAt(item, ['groups'])?.node))
      .filter(({ value }) => !inventory.groups.has(String(value)))
      .map(({ value, span }) => ({
        message: `notify.groups: there is no group ${value} in the inventory`,
        hint: suggest(String(value), known),
        location: locate(source, span),
      }));
  });
}

/** One value, or those of a list. */
function scalarsIn(node: YamlNode | undefined): readonly Extract<YamlNode, { kind: 'scalar' }>[] {
  if (node?.kind === 'list') return node.items.flatMap(scalarsIn);
  return node?.kind === 'scalar' ? [node] : [];
}

const placeOfGroups = (config: Config) => placeOf(config, ['groups']);

function placeOf({ yaml: { root, source } }: Config, path: readonly string[]) {
  const found = root && nodeAt(root, path);
  return locate(source, found?.node.span ?? { start: 0, end: 0 });
}

function unknownLabels(config: Config, inventory: LoadedInventory): readonly Problem[] {
  const { root, source } = config.yaml;
  const known = [...new Set(inventory.hosts.flatMap((host) => Object.keys(host.labels)))];
  const layers = [[], ...[...config.environments.keys()].map((name) => ['environments', name])];
  return layers.flatMap((layer): readonly Problem[] => {
    const node = root && nodeAt(root, [...layer, 'policy', 'waves', 'per'])?.node;
    if (node?.kind !== 'scalar' || known.includes(String(node.value))) return [];
    const message = `no host has the label ${node.value}`;
    return [
      { message, hint: suggest(String(node.value), known), location: locate(source, node.span) },
    ];
  });
}
