import { type CheckProblem, checkProject } from '../../../config/check.js';
import { EXIT } from '../../../errors/codes.js';
import type { Action } from '../../context/command.js';
import { printJson, printLines } from '../../context/output.js';
import { projectRequest } from '../../context/workspace.js';
import { stateFolderLine } from '../../reports/state-folder-line.js';
import type { CheckOptions } from '../../session/flags.js';

/** `fleet check`: validates config and inventory, offline; runs programs only with `--run-programs`. */
export const check: Action<CheckOptions> = async (context, options) => {
  const runPrograms = options.runPrograms === true;
  const request = { ...projectRequest(context, options), runPrograms };
  const { report, refusal } = await checkProject(request);
  if (options.json === true) printJson(context, report);
  else if (refusal !== null) throw refusal;
  else if (report.ok) {
    const { config, apps, hosts, groups } = report;
    const { unread, warnings } = report;
    const all = unread.length === 0 ? ', all valid' : ', what was read of them is valid';
    printLines(context.stdout, [
      `${config}: ${apps.length === 1 ? 'app' : 'apps'} ${apps.join(', ')}, ${hosts} hosts in ${groups} groups${all}`,
      ...warnings.map(warningText),
      ...unread.map((what) => `not read: ${what}`),
      ...(unread.length > 0 ? ['to read these too: fleet check --run-programs'] : []),
      await stateFolderLine(context),
    ]);
  }
  return refusal === null ? EXIT.ok : EXIT.refused;
};

function warningText({ message, file, line, column }: CheckProblem): string {
  return `warning: ${file === null ? '' : `${file}:${line}:${column}: `}${message}`;
}
