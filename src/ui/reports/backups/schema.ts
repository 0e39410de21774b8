import * as z from 'zod';
import { BACKUP_KINDS } from '../../../model/releases/backup.js';
import { failure, names, releaseId, schemaVersion, time } from '../../json/parts.js';

const bytes = z.int().nonnegative();
const target = { schemaVersion, app: z.string(), group: z.string() };

/** What `backups` prints, and `backups restore`. */
export const backups = z.union([
  z.strictObject({
    ...target,
    backups: z.array(
      z.strictObject({
        host: z.string(),
        backup: z.string().describe('its name on the host'),
        run: z.string().describe('the run that took it'),
        at: time,
        by: z.string().nullable(),
        kind: z.enum(BACKUP_KINDS).describe('what it was taken before'),
        from: releaseId.nullable().describe('the release that was current'),
        to: releaseId.nullable(),
        bytes,
        commandBytes: bytes.nullable().describe('of what the command wrote; null without one'),
        paths: z.array(
          z.strictObject({
            path: z.string(),
            bytes: bytes.nullable().describe('null if it was absent'),
          }),
        ),
      }),
    ),
  }),
  z.strictObject({
    ...target,
    run: z.string().describe('the run whose backup it is'),
    dryRun: z.boolean(),
    restored: z.array(
      z.strictObject({
        host: z.string(),
        backup: z.string(),
        kept: z
          .string()
          .nullable()
          .describe('the backup of what was there before; null if none was taken'),
      }),
    ),
    failed: z.array(z.strictObject({ host: z.string(), error: failure })),
    without: names.describe('hosts that have no backup of that run'),
  }),
]);
