import { relative } from 'node:path';
import { writeInitFiles } from '../../config/init/scaffold.js';
import { EXIT } from '../../errors/codes.js';
import type { Action } from '../context/command.js';
import type { CommonOptions } from '../context/options.js';
import { printJson, printLines } from '../context/output.js';

/** `fleet init`: writes a commented fleet.yaml and inventories/ that validate. */
export const init: Action<CommonOptions> = async (context, options) => {
  const written = await writeInitFiles(context.cwd);
  if (options.json === true) {
    printJson(context, { schemaVersion: 1, written });
  } else {
    printLines(
      context.stdout,
      written.map((path) => `wrote ${relative(context.cwd, path)}`),
    );
    context.stdout.write('Edit both, then: fleet check\n');
  }
  return EXIT.ok;
};
