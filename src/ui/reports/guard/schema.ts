import * as z from 'zod';
import { failure, schemaVersion } from '../../json/parts.js';
import { GUARD_CHANGES, GUARD_STATES } from './rows.js';

/** What `doctor --install-guard` and `--remove-guard` print. */
export const guards = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  change: z.enum(GUARD_CHANGES),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: z.enum(GUARD_STATES),
      error: failure.optional(),
      unit: z
        .strictObject({ path: z.string(), text: z.string() })
        .optional()
        .describe('for an admin, if fleet may not install it'),
    }),
  ),
});

export type GuardsJson = z.infer<typeof guards>;
