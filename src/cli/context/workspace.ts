import { access } from 'node:fs/promises';
import { resolveApp } from '../../config/fleet/file.js';
import { loadProject, type Project, type ProjectRequest } from '../../config/project.js';
import { renderProblem } from '../../errors/render-problem.js';
import type { Host } from '../../model/hosts/host.js';
import type { Inventory } from '../../model/hosts/inventory.js';
import { type Selection, selectHosts, selectShown, splitList } from '../../model/hosts/select.js';
import type { App } from '../../model/runs/app.js';
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
}

/** A target, and the folder of the fleet.yaml that it is from. */
export interface OpenedTarget extends Target {
  readonly projectDir: string;
}

/** Reads fleet.yaml and the inventory for the hosts of `-g`; connects to nothing. */
export async function openTarget(context: Context, options: CommonOptions): Promise<OpenedTarget> {
  const project = await loadProject(projectRequest(context, options));
  showNotices(context, project);
  const groups = splitList(options.group);
  const hosts = selectHosts(project.inventory, { groups, limit: options.limit });
  const app = resolveApp(project.config, groups);
  return { app, group: groups.join(','), hosts, projectDir: project.config.dir };
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
