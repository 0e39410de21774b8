import * as z from 'zod';
import { names, schemaVersion } from '../../json/parts.js';

/** What `inventory` prints. */
export const inventoryList = z.strictObject({
  schemaVersion,
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      address: z.string(),
      port: z.int(),
      user: z.string(),
      jump: z.string().nullable(),
      transport: z.string(),
      groups: names,
      labels: z.record(z.string(), z.string()),
      vars: z.record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean(), z.null()]).describe('as it was written'),
      ),
    }),
  ),
  groups: z.array(z.strictObject({ name: z.string(), children: names, hosts: names })),
});

/** What `inventory --origin` prints. */
export const inventoryOrigin = z.strictObject({
  schemaVersion,
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      settings: z.array(
        z.strictObject({
          setting: z.string().describe('a key of `ssh:`, or `address`'),
          value: z
            .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()])
            .describe('the value in use: absolute paths, durations in milliseconds'),
          source: z.enum(['inventory', 'ssh_config', 'default']),
          files: names.describe('more than one if only ssh knows which of them has it'),
          line: z.int().nullable().describe('from 1'),
          column: z.int().nullable().describe('from 1'),
        }),
      ),
    }),
  ),
});
