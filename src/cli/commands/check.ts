import { checkProject } from '../../config/check.js';
import { EXIT } from '../../errors/codes.js';
import type { Action } from '../command.js';
import type { CommonOptions } from '../options.js';
import { printJson, printLines } from '../output.js';
import { projectRequest } from '../workspace.js';

/** `fleet check`: validates config and inventory, offline. */
export const check: Action<CommonOptions> = async (context, options) => {
  const { report, refusal } = await checkProject(projectRequest(context, options));
  if (options.json === true) printJson(context, report);
  else if (refusal !== null) throw refusal;
  else if (report.ok) {
    const { config, app, hosts, groups } = report;
    printLines(context.stdout, [
      `${config}: app ${app}, ${hosts} hosts in ${groups} groups, all valid`,
    ]);
  }
  return refusal === null ? EXIT.ok : EXIT.refused;
};
