import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { RUN_KINDS } from '../../model/run-kind.js';
import { DEAD_MAN_TIERS } from '../../model/runs/dead-man.js';
import { HOST_RESULT_STATES, RUN_STATES } from '../../model/runs/run.js';

/** Parts that the schemas of `--json` share. */

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

export const errorCode = z.enum(codes).describe('what went wrong; docs/errors.md explains each');

export const schemaVersion = z.literal(1);
export const time = z.string().describe('RFC 3339, UTC');
export const names = z.array(z.string());
export const runKind = z.enum(RUN_KINDS);
export const runState = z.enum(RUN_STATES);
export const reason = z.string().nullable().describe('why, as --reason says; null if not given');
export const releaseId = z.string().describe('a release id');

/** The tier of a host's dead-man timer; `off` without one. */
export const deadMan = z.enum([...DEAD_MAN_TIERS, 'off']);

export const release = z.strictObject({
  id: releaseId,
  version: z.string(),
  commit: z.string().nullable(),
  digest: z.string().describe('sha256 over the manifest'),
});

export const failure = z.strictObject({
  code: errorCode,
  message: z.string(),
  step: z.string().optional().describe('the verb of the host program that failed'),
  exit: z.union([z.int(), z.string()]).optional().describe('exit code, or name of a signal'),
  stderr: names.optional().describe('last lines of stderr'),
  hint: z.string().optional().describe('the remedy, or the next command to type'),
});

/** A failure with the fields that scripts may rely on; the journal is for people. */
export function failureJson({ code, message, step, exit, stderr, hint }: HostFailure) {
  return {
    code,
    message,
    ...(step === undefined ? {} : { step }),
    ...(exit === undefined ? {} : { exit }),
    ...(stderr === undefined ? {} : { stderr: [...stderr] }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** One host of a run that has ended. */
export const hostResult = z.strictObject({
  host: z.string(),
  state: z.enum(HOST_RESULT_STATES),
  wave: z.int().nullable().describe('from 0; null for a host that was in no wave'),
  from: releaseId.nullable(),
  to: releaseId.nullable(),
  error: failure.optional(),
});
