import * as z from 'zod';
import { SERVING_BY } from '../../../model/hosts/serving-by.js';
import { DIFFERENCE_KINDS, DRIFT_CHECKS, DRIFT_STATES } from '../../../model/releases/drift.js';
import { failure, ofEachApp, releaseId, schemaVersion } from '../../json/parts.js';

const report = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      reachable: z.boolean(),
      release: releaseId.nullable(),
      commit: z.string().nullable(),
      phase: z.string().nullable(),
      unit: z.strictObject({ active: z.string(), sub: z.string(), mainPid: z.int() }).nullable(),
      serving: releaseId
        .nullable()
        .describe('the release that the process runs; null if not known'),
      servingBy: z
        .enum(SERVING_BY)
        .nullable()
        .describe(
          'how that is known: process (its cwd or exe is in the release), record (fleet verified this process on it), start-time (it was started after `current` was last moved)',
        ),
      linkMoved: z
        .boolean()
        .nullable()
        .describe('`current` is not where fleet left it; null if the host was not read'),
      restartPending: z
        .boolean()
        .nullable()
        .describe('a process was started before `current` was last moved'),
      restarted: z
        .boolean()
        .nullable()
        .describe(
          'a process is not the one that fleet verified: restarted by hand, by systemd or by a boot',
        ),
      drift: z.string().nullable().describe('what is not as it should be'),
      unitFiles: z
        .array(
          z.strictObject({
            unit: z.string(),
            found: z
              .enum(['absent', 'file', 'link'])
              .describe('what is installed under its name; link: masked, or an alias'),
            brought: z.array(z.string()).describe('the lines that the release has brought'),
            installed: z
              .array(z.string())
              .nullable()
              .describe('the lines that are installed; null if no file is'),
          }),
        )
        .nullable()
        .describe('unit files that someone has changed since their release was deployed'),
      error: failure.optional(),
      verified: z
        .array(
          z.strictObject({
            release: z.string(),
            state: z
              .enum(DRIFT_STATES)
              .describe('unverified: the host has no manifest of it; absent: its folder is gone'),
            by: z.enum(DRIFT_CHECKS),
            differences: z.array(
              z.strictObject({
                path: z.string(),
                what: z.enum(DIFFERENCE_KINDS),
                was: z.string().optional(),
                is: z.string().optional(),
              }),
            ),
            more: z.boolean().describe('there are more differences than the host has reported'),
          }),
        )
        .nullable()
        .optional()
        .describe('with --verify: each release that was compared; null if the host was not read'),
    }),
  ),
});

/** What `status` prints. */
export const status = ofEachApp(report);

export type StatusJson = z.infer<typeof report>;
