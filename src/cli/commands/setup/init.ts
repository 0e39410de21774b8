import { relative, resolve } from 'node:path';
import { IMPORTABLE, type Importable, importFrom } from '../../../config/init/import.js';
import type { LeftOut } from '../../../config/init/imported.js';
import { importedFiles, initFiles, writeInitFiles } from '../../../config/init/scaffold.js';
import { loadInventory } from '../../../config/inventory/load.js';
import { EXIT } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { Host } from '../../../model/hosts/host.js';
import { initLines } from '../../../ui/reports/setup/init-text.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines, styleFor } from '../../context/output.js';
import { projectRequest } from '../../context/workspace.js';
import type { InitOptions } from '../../session/flags.js';

/** `fleet init`: writes a commented fleet.yaml and inventories/ that validate, perhaps from another tool's files. */
export const init: Action<InitOptions> = async (context, options, [path = '.']) => {
  const tool = importableOf(options.from);
  if (tool === null && path !== '.') throw new FleetError('usage', 'a path needs --from TOOL');
  const found =
    tool === null
      ? null
      : await importFrom({
          tool,
          path: resolve(context.cwd, path),
          loadHosts: (inventory) => hostsIn(context, options, inventory),
        });
  const { files, notes } =
    found === null
      ? { files: initFiles(context.cwd), notes: [] }
      : importedFiles(context.cwd, found);
  const written = await writeInitFiles(files);
  const leftOut: readonly LeftOut[] = found?.leftOut ?? [];
  if (options.json === true) {
    const from = found === null ? {} : { notes: [...notes], leftOut: [...leftOut] };
    printJson(context, { schemaVersion: 1, written, ...from });
    return EXIT.ok;
  }
  const names = written.map((each) => relative(context.cwd, each));
  printLines(
    context.stdout,
    initLines({ tool, names, notes, leftOut }, styleFor(context, options, 'stdout')),
  );
  return EXIT.ok;
};

function importableOf(from: string | undefined): Importable | null {
  if (from === undefined) return null;
  const tool = IMPORTABLE.find((each) => each === from);
  if (tool !== undefined) return tool;
  throw new FleetError('usage', `--from ${from}: fleet does not read files of that tool`, {
    hint: `it reads those of ${IMPORTABLE.join(', ')}`,
  });
}

/** Nothing is run for it: a dynamic inventory is left to `-i`. */
async function hostsIn(
  context: Context,
  options: InitOptions,
  inventory: string,
): Promise<readonly Host[]> {
  const request = { ...projectRequest(context, options), paths: [inventory], runPrograms: false };
  return (await loadInventory(request)).hosts;
}
