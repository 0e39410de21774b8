import { access } from 'node:fs/promises';
import { type Config, resolveApp, resolveReceivers } from '../../config/fleet/file.js';
import type { Receiver } from '../../config/fleet/receivers.js';
import { loadProject, type Project, type ProjectRequest } from '../../config/project.js';
import { FleetError } from '../../errors/fleet-error.js';
import { renderProblem } from '../../errors/render-problem.js';
import type { Host } from '../../model/hosts/host.js';
import type { Inventory } from '../../model/hosts/inventory.js';
import { type Selection, selectHosts, selectShown, splitList } from '../../model/hosts/select.js';
import type { App } from '../../model/runs/app.js';
import { chooseApp, chooseApps } from './choose-app.js';
import type { Context } from './context.js';
import { recordedHome } from './folders.js';
import type { CommonOptions } from './options.js';
import { printLines } from './output.js';

/** What the user wrote, narrowed to the hosts of one command, with the app as it is for their group. */
export interface Target {
  readonly app: App;
  /** The groups as typed, joined by commas. */
  readonly group: string;
  readonly hosts: readonly Host[];
  /** Who gets notices of a run there; absent if no fleet.yaml was read. */
  readonly notify?: Receivers;
}

/** Receivers, and the absolute path of the fleet.yaml that names them. */
export interface Receivers {
  readonly config: string;
  readonly receivers: readonly Receiver[];
}

/** A target, and the folder of the fleet.yaml that it is from. */
export interface OpenedTarget extends Target {
  readonly projectDir: string;
}

/**
 * Reads fleet.yaml and the inventory for the hosts of `-g`; connects to nothing. Throws `usage` if there
 * are several apps and none is named.
 */
export async function openTarget(context: Context, options: CommonOptions): Promise<OpenedTarget> {
  const project = await readProject(context, options);
  return targetOf(project, chooseApp(context, options, project.configs), options);
}

/** As {@link openTarget}, for a command that only reads: every app that has hosts there, if none is named. */
export async function openTargets(
  context: Context,
  options: CommonOptions,
): Promise<readonly [OpenedTarget, ...OpenedTarget[]]> {
  const project = await readProject(context, options);
  const chosen = chooseApps(context, options, project.configs);
  const [first, ...others] = chosen.flatMap((config) => {
    const hosts = hostsOf(project, config, options);
    return hosts.length === 0 ? [] : [targetOf(project, config, options)];
  });
  // One app always, for the refusal that says why no host is left.
  return first === undefined ? [targetOf(project, chosen[0], options)] : [first, ...others];
}

/** Selected hosts, whichever apps they have. */
export interface SelectedHosts {
  readonly group: string;
  readonly hosts: readonly Host[];
  /** The app that is named; every app of the file if none is. */
  readonly apps: readonly App[];
  /** Those of them that this host has. */
  readonly appsOn: (host: Host) => readonly App[];
}

/** As {@link openTargets}, for a command that is about hosts and not about an app. */
export async function openHosts(context: Context, options: CommonOptions): Promise<SelectedHosts> {
  const project = await readProject(context, options);
  const [first, ...others] = chooseApps(context, options, project.configs);
  const groups = splitList(options.group);
  const named = others.length === 0 ? targetOf(project, first, options).hosts : null;
  const of = (config: Config) => ({
    app: resolveApp(config, groups),
    names: new Set(hostsOf(project, config, options).map(({ name }) => name)),
  });
  const apps = [first, ...others].map(of);
  return {
    group: groups.join(','),
    hosts: named ?? selectHosts(project.inventory, { groups, limit: options.limit }),
    apps: apps.map(({ app }) => app),
    appsOn: ({ name }) => apps.filter(({ names }) => names.has(name)).map(({ app }) => app),
  };
}

async function readProject(context: Context, options: CommonOptions): Promise<Project> {
  const project = await loadProject(projectRequest(context, options));
  showNotices(context, project);
  return project;
}

function targetOf(project: Project, config: Config, options: CommonOptions): OpenedTarget {
  const groups = splitList(options.group);
  const app = resolveApp(config, groups);
  const hosts = hostsOf(project, config, options);
  if (hosts.length === 0) throw noHostOf(config, groups);
  const notify = receiversFor(config, groups, hosts);
  return { app, group: groups.join(','), hosts, projectDir: config.dir, notify };
}

/** The receivers of a run on these hosts: those for every run, and those for a group of one of the hosts. */
export function receiversFor(
  config: Config,
  groups: readonly string[],
  hosts: readonly Pick<Host, 'groups'>[],
): Receivers {
  const held = new Set(hosts.flatMap((host) => host.groups));
  const receivers = resolveReceivers(config, groups).filter(
    (receiver) => receiver.groups.length === 0 || receiver.groups.some((name) => held.has(name)),
  );
  return { config: config.file, receivers };
}

/** The selected hosts that have the app, by its `groups:`. */
function hostsOf({ inventory }: Project, config: Config, options: CommonOptions): readonly Host[] {
  const selection = { groups: splitList(options.group), limit: options.limit };
  const hosts = selectHosts(inventory, selection);
  if (config.groups === null) return hosts;
  const own = new Set(config.groups.flatMap((name) => inventory.groups.get(name)?.hosts ?? []));
  return hosts.filter(({ name }) => own.has(name));
}

function noHostOf({ app, groups }: Config, selected: readonly string[]): FleetError {
  const own = (groups ?? []).join(', ');
  return new FleetError('selection_empty', `no selected host has the app ${app.name}`, {
    hint: `it is on the hosts of ${own} (groups: in fleet.yaml), and none of them is in ${selected.join(', ')} with this limit`,
  });
}

/** Shows on stderr what was ignored in ssh_config and in Ansible's files. */
export function showNotices(context: Context, { inventory }: Project): void {
  printLines(context.stderr, inventory.notices.flatMap(renderProblem));
}

/** Shows on stderr which hosts are left out because fleet cannot reach them. */
export function showLeftOut(context: Context, inventory: Inventory, selection: Selection): void {
  const groups = selection.groups.length > 0 ? selection.groups : ['all'];
  const { leftOut } = selectShown(inventory, { ...selection, groups });
  printLines(context.stderr, leftOut.flatMap(renderProblem));
}

/** Where to read config and inventory, by the flags and the machine. */
export function projectRequest(context: Context, options: CommonOptions): ProjectRequest {
  return {
    configFile: options.config,
    inventoryPaths: options.inventory,
    cwd: context.cwd,
    home: context.home,
    loginHome: recordedHome(),
    env: context.env,
    localUser: context.user,
    fileExists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
  };
}
