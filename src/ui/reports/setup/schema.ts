import * as z from 'zod';
import { errorCode, names, schemaVersion } from '../../json/parts.js';

export const init = z.strictObject({
  schemaVersion,
  written: names.describe('absolute paths'),
  notes: names.optional().describe('with --from: what is a proposal'),
  leftOut: z
    .array(
      z.strictObject({
        file: z.string(),
        line: z.int().describe('from 1'),
        what: z.string(),
        why: z.string(),
        todo: z.string(),
      }),
    )
    .optional()
    .describe('with --from: what fleet has no place for'),
});

const mistakes = z.array(
  z.strictObject({
    message: z.string(),
    hint: z.string().nullable(),
    file: z.string().nullable(),
    line: z.int().nullable().describe('from 1'),
    column: z.int().nullable().describe('from 1'),
  }),
);

export const check = z.discriminatedUnion('ok', [
  z.strictObject({
    schemaVersion,
    ok: z.literal(true),
    config: z.string().describe('path of fleet.yaml'),
    app: z.string().describe('the names of all apps, joined by commas'),
    apps: names,
    hosts: z.int(),
    groups: z.int(),
    environments: names,
    unread: names.describe(
      'what was not read, since fleet would have to run a program; see --run-programs',
    ),
    warnings: mistakes.describe('hosts that fleet cannot reach, and what was ignored'),
  }),
  z.strictObject({
    schemaVersion,
    ok: z.literal(false),
    code: errorCode,
    message: z.string(),
    problems: mistakes,
  }),
]);

/** `up`, `status` and `fault` of a practice fleet that is up; `status` without one; `down`. */
export const lab = z.union([
  z.strictObject({
    schemaVersion,
    up: z.literal(true),
    pid: z.int(),
    dir: z.string(),
    user: z.string(),
    inventoryFile: z.string(),
    identityFile: z.string(),
    knownHostsFile: z.string(),
    hosts: z.array(
      z.strictObject({
        name: z.string(),
        address: z.string(),
        port: z.int(),
        appPort: z.int().describe('port of the app on this host'),
        home: z.string(),
        dir: z.string(),
        faults: names,
        units: z.array(z.looseObject({ name: z.string(), active: z.string() })),
      }),
    ),
  }),
  z.strictObject({ schemaVersion, up: z.literal(false) }),
  z.strictObject({
    schemaVersion,
    wasUp: z.boolean(),
    leftovers: z.int().describe('processes that had to be killed as well'),
  }),
]);

export const schema = z.strictObject({
  schemaVersion,
  name: z.string(),
  schema: z.record(z.string(), z.unknown()).describe('a JSON Schema, draft 2020-12'),
});

const place = z.strictObject({
  file: z.string(),
  line: z.int().describe('from 1'),
  column: z.int().describe('from 1'),
  text: z.string().describe('the line itself'),
  length: z.int().describe('columns of the mistake'),
});

const problem = z.strictObject({
  message: z.string(),
  hint: z.string().optional(),
  location: place.optional(),
});

/** What any command prints that refuses, except `check`. */
export const error = z.strictObject({
  schemaVersion,
  exitCode: z.int(),
  error: z.strictObject({ ...problem.shape, code: errorCode, problems: z.array(problem) }),
});
