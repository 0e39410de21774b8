import * as z from 'zod';
import { names, ofEachApp, releaseId, schemaVersion, time } from '../../json/parts.js';

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
    }),
  ),
});

/** What `releases` prints. */
export const releases = ofEachApp(report);
