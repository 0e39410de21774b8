import * as z from 'zod';
import { releaseId, schemaVersion } from '../../json/parts.js';

/** What `recover` prints. */
export const recover = z.strictObject({
  schemaVersion,
  app: z.string().nullable().describe('null if nothing had to be recovered'),
  group: z.string().nullable(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: z.enum(['released', 'reverted', 'down', 'unknown', 'locked']),
      run: z.string().nullable().describe('the run that left it unfinished'),
      current: releaseId.nullable(),
      detail: z.string().describe('text for people'),
    }),
  ),
});
