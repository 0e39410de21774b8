import { viewInventory } from '../../config/inventory-view.js';
import { loadProject } from '../../config/project.js';
import { EXIT } from '../../errors/codes.js';
import { splitList } from '../../model/select.js';
import { inventoryLines } from '../../ui/inventory-table.js';
import type { Action } from '../command.js';
import type { CommonOptions } from '../options.js';
import { printJson, printLines, tableLook } from '../output.js';
import { projectRequest } from '../workspace.js';

/** `fleet inventory`: hosts and groups, resolved; all of them without `-g`. */
export const inventory: Action<CommonOptions> = async (context, options) => {
  const project = await loadProject(projectRequest(context, options));
  const selection = { groups: splitList(options.group), limit: options.limit };
  const view = viewInventory(project.inventory, selection);
  if (options.json === true) printJson(context, view);
  else printLines(context.stdout, inventoryLines(view.hosts, tableLook(context, options)));
  return EXIT.ok;
};
