import { viewOrigins } from '../../../config/inventory/origin.js';
import { viewInventory } from '../../../config/inventory/view.js';
import { loadProject } from '../../../config/project.js';
import { EXIT } from '../../../errors/codes.js';
import { splitList } from '../../../model/hosts/select.js';
import { originLines } from '../../../ui/reports/inventory/origin-table.js';
import { inventoryLines } from '../../../ui/reports/inventory/table.js';
import type { Action } from '../../context/command.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { projectRequest, showLeftOut, showNotices } from '../../context/workspace.js';
import type { InventoryOptions } from '../../session/flags.js';

/** `fleet inventory`: hosts and groups, resolved; all of them without `-g`. */
export const inventory: Action<InventoryOptions> = async (context, options) => {
  const project = await loadProject(projectRequest(context, options));
  showNotices(context, project);
  const selection = { groups: splitList(options.group), limit: options.limit };
  showLeftOut(context, project.inventory, selection);
  const look = tableLook(context, options);
  if (options.origin === true) {
    const view = viewOrigins(project.inventory, selection);
    if (options.json === true) printJson(context, view);
    else printLines(context.stdout, originLines(view.hosts, { ...look, home: context.home }));
    return EXIT.ok;
  }
  const view = viewInventory(project.inventory, selection);
  if (options.json === true) printJson(context, view);
  else printLines(context.stdout, inventoryLines(view.hosts, look));
  return EXIT.ok;
};
