import * as z from 'zod';
import { RUN_KINDS } from '../../../model/run-kind.js';
import { failure, ofEachApp, schemaVersion } from '../../json/parts.js';

const lockHeld = z.strictObject({
  where: z.string().describe('a host, or this bastion'),
  run: z.string(),
  owner: z.string(),
  state: z.enum(['held', 'stale']).describe('stale: the next run takes it over'),
  lease: z.int().nullable().describe('seconds; null if they are not counted'),
  phase: z.string().nullable(),
});

/** A run that holds something, as the history has it. */
const holder = z.strictObject({
  run: z.string(),
  kind: z.enum(RUN_KINDS),
  app: z.string(),
  group: z.string(),
  release: z.string(),
  operator: z.string(),
  bastion: z.string(),
  person: z.string().nullable(),
  startedAt: z.string(),
  reason: z.string().nullable(),
});

const target = { schemaVersion, app: z.string(), group: z.string() };

/** What `lock status` prints, and `lock release`. */
export const lock = z.union([
  ofEachApp(z.strictObject({ ...target, held: z.array(lockHeld), runs: z.array(holder) })),
  z.strictObject({
    ...target,
    released: z.array(lockHeld).describe('locks that were held, and are free now'),
    failed: z
      .array(z.strictObject({ host: z.string(), error: failure }))
      .describe('hosts that could not be read, or keep their lock'),
  }),
]);
