import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.js';
import { RUN_KINDS } from '../model/plan.js';
import { FAILURE_POLICIES } from '../model/policy.js';
import { HOST_RESULT_STATES, RUN_STATES } from '../model/run.js';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

const failure = z.strictObject({
  code: z.enum(codes).describe('what went wrong; docs/errors.md explains each'),
  message: z.string(),
  step: z.string().optional().describe('the verb of the host program that failed'),
  exit: z.union([z.int(), z.string()]).optional().describe('exit code, or the name of a signal'),
  stderr: z.array(z.string()).optional().describe('last lines of stderr'),
});

const time = z.string().describe('RFC 3339, UTC');
const release = z.string().describe('a release id');
const kind = z.enum(RUN_KINDS);
const runState = z.enum(RUN_STATES);
const hostState = z.enum(HOST_RESULT_STATES);

const run = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  kind,
  app: z.string(),
  group: z.string(),
  state: runState,
  exitCode: z.int(),
  release,
  startedAt: time,
  endedAt: time,
  waves: z.array(
    z.strictObject({
      index: z.int().describe('from 0; the first is the canary'),
      state: z.enum(['not_started', 'done', 'incomplete', 'failed', 'rolled_back']),
      hosts: z.array(z.string()),
    }),
  ),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: hostState,
      wave: z.int().nullable(),
      from: release.nullable(),
      to: release.nullable(),
      error: failure.optional(),
    }),
  ),
});

const plan = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  kind,
  app: z.string(),
  group: z.string(),
  operator: z.string(),
  createdAt: time,
  release: z.strictObject({
    id: release,
    version: z.string(),
    commit: z.string().nullable(),
    digest: z.string().describe('sha256 over the manifest'),
  }),
  uploadBytes: z.int(),
  limits: z.strictObject({
    maxUnavailable: z.int(),
    tolerateWave: z.array(z.int()),
    tolerateRun: z.int(),
  }),
  onFailure: z.enum(FAILURE_POLICIES),
  waves: z.array(z.strictObject({ index: z.int(), hosts: z.array(z.string()) })),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      wave: z.int(),
      from: release.nullable(),
      to: release,
      upload: z.boolean(),
      serving: z.boolean(),
    }),
  ),
  unchanged: z.array(z.string()),
  skipped: z.array(z.strictObject({ host: z.string(), reason: z.string() })),
});

const status = z.strictObject({
  schemaVersion: z.literal(1),
  app: z.string(),
  group: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      reachable: z.boolean(),
      release: release.nullable(),
      commit: z.string().nullable(),
      phase: z.string().nullable(),
      unit: z.strictObject({ active: z.string(), sub: z.string(), mainPid: z.int() }).nullable(),
      serving: release.nullable().describe('what the running process really runs from'),
      drift: z.string().nullable().describe('what is not as it should be'),
      error: failure.optional(),
    }),
  ),
});

export type RunJson = z.infer<typeof run>;
export type PlanJson = z.infer<typeof plan>;
export type StatusJson = z.infer<typeof status>;

/** What each `--json` object holds; the same schema for what two commands share. */
export const OUTPUT_SCHEMAS = { deploy: run, rollback: run, plan, status } as const;

export type OutputSchemaName = keyof typeof OUTPUT_SCHEMAS;

/** The JSON Schema (draft 2020-12) of a command's `--json`. */
export function schemaOf(name: OutputSchemaName): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(OUTPUT_SCHEMAS[name]), title: `fleet ${name} --json` };
}
