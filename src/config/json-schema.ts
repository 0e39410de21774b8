import * as z from 'zod';
import { fleetFileSchema } from './fleet/schema.js';
import { inventorySchema } from './inventory/read/schema.js';

const FILES = {
  fleet: {
    schema: fleetFileSchema,
    title: 'fleet.yaml',
    more: {
      anyOf: [
        { required: ['app', 'root', 'service'], properties: { service: { required: ['unit'] } } },
        { required: ['apps'], not: { required: ['app'] } },
      ],
    },
  },
  inventory: { schema: inventorySchema, title: 'an inventory of fleet', more: {} },
} as const;

export type FileSchemaName = keyof typeof FILES;

export const FILE_SCHEMA_NAMES = Object.keys(FILES) as readonly FileSchemaName[];

/** The JSON Schema (draft 2020-12) of a file, for editors; from what validates the file. */
export function jsonSchemaOf(name: FileSchemaName): Readonly<Record<string, unknown>> {
  const { schema, title, more } = FILES[name];
  const generated = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { ...generated, ...more, title, patternProperties: { '^x-': {} } };
}
