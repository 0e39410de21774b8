import * as z from 'zod';
import { releaseId, schemaVersion } from '../../json/parts.js';

/** What `recover` prints. */
export const recover = z.strictObject({
  schemaVersion,
  app: z.string().nullable().describe('null where nothing was to be recovered'),
  group: z.string().nullable(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: z.enum(['released', 'reverted', 'down', 'unknown', 'locked']),
      run: z.string().nullable().describe('the run that had left it undecided'),
      current: releaseId.nullable(),
      detail: z.string().describe('for a person'),
    }),
  ),
});
