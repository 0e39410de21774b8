import * as z from 'zod';
import { failure, names, ofEachApp, releaseId, schemaVersion, time } from '../../json/parts.js';

const report = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  releases: z.array(
    z.strictObject({
      id: releaseId,
      commit: z.string().nullable(),
      deployedAt: time.nullable(),
      deployer: z.string().nullable(),
      current: names.describe('hosts whose `current` is this release'),
      healthy: names,
      staged: names,
      bad: names,
      rollback: z.discriminatedUnion('possible', [
        z.strictObject({ possible: z.literal(true) }),
        z.strictObject({ possible: z.literal(false), reason: z.string() }),
      ]),
      bytes: z.int().nullable().describe('what it takes on a host; null if not known'),
    }),
  ),
});

/** What `releases` prints. */
export const releases = ofEachApp(report);

/** What `releases prune` prints. */
export const releasesPrune = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  dryRun: z.boolean(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      beyond: z.array(releaseId).describe('releases that neither keep nor keep_for keeps'),
      deleted: z.array(releaseId),
    }),
  ),
  failed: z.array(z.strictObject({ host: z.string(), error: failure })),
});
