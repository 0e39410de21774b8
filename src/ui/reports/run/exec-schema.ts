import * as z from 'zod';
import { schemaVersion } from '../../json/parts.js';

/** What `exec` prints. */
export const exec = z.strictObject({
  schemaVersion,
  command: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      exit: z.int().nullable().describe('null if the command did not exit'),
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean().describe('true if it printed more than fleet keeps'),
      error: z.string().nullable().describe('why there is no exit code'),
    }),
  ),
});
