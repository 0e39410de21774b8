import * as z from 'zod';
import { DEAD_MAN_TIERS } from '../../../model/runs/dead-man.js';
import {
  deadMan,
  errorCode,
  failure,
  ofEachApp,
  releaseId,
  schemaVersion,
} from '../../json/parts.js';
import { guards } from '../guard/schema.js';
import { DOCTOR_NOTES, SUDOERS_PURPOSES } from './rows.js';

const report = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      reachable: z.boolean(),
      stops: z
        .array(
          z.strictObject({ code: errorCode, message: z.string(), hint: z.string().optional() }),
        )
        .describe('what would stop a run there'),
      notes: z
        .array(z.strictObject({ code: z.enum(DOCTOR_NOTES), message: z.string() }))
        .describe('what is worth knowing'),
      deadMan: z
        .strictObject({
          offered: z.array(z.enum(DEAD_MAN_TIERS)).describe('the best first'),
          used: deadMan.describe('by a run with this policy'),
        })
        .nullable(),
      guard: z.boolean().nullable().describe('whether a boot guard is installed'),
      claim: z
        .strictObject({
          run: z.string(),
          owner: z.string().nullable(),
          leaseSeconds: z.int().nullable().describe('0 if it has expired'),
        })
        .nullable(),
      open: z
        .strictObject({
          phase: z.string(),
          from: releaseId.nullable(),
          to: releaseId.nullable(),
          switch: z.string().nullable(),
          deadlineSeconds: z.int().nullable().describe('until the automatic rollback'),
        })
        .nullable()
        .describe('an unfinished activation'),
      clockSkewSeconds: z.int().nullable().describe('how much ahead of this machine, at least'),
      sudoers: z
        .array(
          z.strictObject({
            purpose: z.enum(SUDOERS_PURPOSES),
            line: z.string(),
            file: z.string().describe('the file for this line, which has no other'),
          }),
        )
        .describe('lines that are missing'),
      error: failure.optional(),
    }),
  ),
});

/** What `doctor` prints, and with `--install-guard` or `--remove-guard`. */
export const doctor = z.union([ofEachApp(report), guards]);

export type DoctorReportJson = z.infer<typeof report>;
