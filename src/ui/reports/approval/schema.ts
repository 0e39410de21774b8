import * as z from 'zod';
import { reason, runKind, schemaVersion, time } from '../../json/parts.js';

/** A run that waits for a second person, and what they said; also of a command that ends with 10. */
const one = z.strictObject({
  schemaVersion,
  run: z.string(),
  state: z.enum(['waiting', 'approved', 'denied']),
  plan: z.string().describe('the digest of the plan'),
  expiresAt: time,
  next: z.string().nullable().describe('the command to go on; null for a denied run'),
});

const list = z.strictObject({
  schemaVersion,
  waiting: z.array(
    z.strictObject({
      run: z.string(),
      kind: runKind,
      app: z.string(),
      group: z.string(),
      release: z.string(),
      by: z.string(),
      expiresAt: time,
      reason,
      state: z.enum(['waiting', 'approved']),
    }),
  ),
});

export const approval = z.union([one, list]);
