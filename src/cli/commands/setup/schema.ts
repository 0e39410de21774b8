import { FILE_SCHEMA_NAMES, jsonSchemaOf } from '../../../config/json-schema.js';
import { EXIT } from '../../../errors/codes.js';
import { suggest } from '../../../errors/did-you-mean.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { OUTPUT_SCHEMA_NAMES, schemaOf } from '../../../ui/json-schema.js';
import type { Action } from '../../context/command.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson } from '../../context/output.js';

/** `fleet schema NAME`: the JSON Schema of a file that people write, or of what a command prints. */
export const schema: Action<CommonOptions> = async (context, options, [name = '']) => {
  const found = findSchema(name);
  printJson(context, options.json === true ? { schemaVersion: 1, name, schema: found } : found);
  return EXIT.ok;
};

function findSchema(name: string): Readonly<Record<string, unknown>> {
  const file = FILE_SCHEMA_NAMES.find((known) => known === name);
  if (file !== undefined) return jsonSchemaOf(file);
  const output = OUTPUT_SCHEMA_NAMES.find((known) => known === name);
  if (output !== undefined) return schemaOf(output);
  const known = [...FILE_SCHEMA_NAMES, ...OUTPUT_SCHEMA_NAMES];
  throw new FleetError('usage', `fleet has no schema ${name}`, { hint: suggest(name, known) });
}
