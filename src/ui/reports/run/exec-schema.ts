import * as z from 'zod';
import { schemaVersion } from '../../json/parts.js';

/** What `exec` prints. */
export const exec = z.strictObject({
  schemaVersion,
  command: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      exit: z.int().nullable().describe('null where the command did not end by itself'),
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean().describe('true where it printed more than is kept of it'),
      error: z.string().nullable().describe('why there is no exit code'),
    }),
  ),
});
