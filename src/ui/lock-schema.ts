import * as z from 'zod';
import { schemaVersion } from './json-parts.js';

/** What `lock status` and `lock release` print. */
export const lock = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  held: z.array(
    z.strictObject({
      where: z.string().describe('a host, or this bastion'),
      run: z.string(),
      owner: z.string(),
      state: z.enum(['held', 'stale']).describe('stale is what the next run takes over'),
      lease: z.int().nullable().describe('seconds; null where they are not counted'),
      phase: z.string().nullable(),
    }),
  ),
});
