import * as z from 'zod';
import { backupSchema } from '../releases/backup.js';
import { pullSchema } from '../releases/pull.js';
import type { Shape } from '../text/shape.js';
import { approvalRuleSchema } from './approval.js';
import { hookSchema } from './hooks/hooks.js';
import { policySchema } from './policy.js';

export const SERVICE_ACTIONS = ['restart', 'reload', 'stop-start', 'none'] as const;

export type ServiceAction = (typeof SERVICE_ACTIONS)[number];

const serviceSchema = () =>
  z.object({
    units: z.array(z.string()),
    action: z.enum(SERVICE_ACTIONS),
    scope: z.enum(['system', 'user']),
    /** Unit files that the app brings: their names, and where their templates are on the bastion. */
    templates: z.array(z.object({ name: z.string(), path: z.string() })).optional(),
  });

export type Service = Shape<typeof serviceSchema>;

/** What must be true on a host, seen from the host itself. The unit probe is always on. */
const probeSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('unit') }),
    z.object({
      kind: z.literal('http'),
      url: z.string(),
      status: z.int(),
      /** Text that the body must contain; null for any. */
      body: z.string().nullable(),
    }),
    z.object({ kind: z.literal('tcp'), host: z.string(), port: z.int() }),
    /** Run by sh in the release folder; passes with exit code 0. */
    z.object({ kind: z.literal('command'), command: z.string() }),
  ]);

export type Probe = Shape<typeof probeSchema>;

/** The source of a release. */
const releaseSourceSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('folder'), path: z.string() }),
    z.object({ kind: z.literal('archive'), path: z.string() }),
    z.object({
      kind: z.literal('git'),
      repository: z.string(),
      ref: z.string(),
      subdir: z.string().nullable(),
    }),
    z.object({ kind: z.literal('url'), url: z.string(), sha256: z.string() }),
  ]);

export type ReleaseSource = Shape<typeof releaseSourceSchema>;

/** Where the links of a release may lead: `inside` it, or (`allow`) anywhere on the host. */
const linkRuleSchema = () => z.enum(['inside', 'allow']);

export type LinkRule = Shape<typeof linkRuleSchema>;

/** What makes the files of a release, on the bastion. */
const buildSchema = () => z.object({ run: z.string(), timeoutMs: z.number() });

export type Build = Shape<typeof buildSchema>;

/** A shared path, linked from shared/ into each release. */
const sharedPathSchema = () =>
  z.object({
    /** Relative, normalised, without a trailing slash. */
    path: z.string(),
    kind: z.enum(['folder', 'file']),
  });

export type SharedPath = Shape<typeof sharedPathSchema>;

/**
 * Where a history is kept: a file with its absolute path, or a server. `url` is that of the server, or a reference to it
 * (`env:NAME`, `file:PATH`); in a recorded plan it has neither user nor query.
 */
export const historyLocationSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sqlite'), path: z.string() }),
    z.object({ kind: z.literal('url'), url: z.string() }),
  ]);

export type HistoryLocation = Shape<typeof historyLocationSchema>;

/** One deployable app with its policy, from `fleet.yaml` and the target group's overrides. */
export const appSchema = () =>
  z.object({
    name: z.string(),
    /** Present if fleet.yaml has other apps too: a command that changes hosts needs `--app` then. */
    several: z.literal(true).optional(),
    /** Absolute on the host, or `~/…` for the login user's home; normalised, no trailing slash. */
    root: z.string(),
    service: serviceSchema(),
    release: z.object({
      from: releaseSourceSchema().nullable(),
      keep: z.int(),
      /** Healthy releases younger than this are kept too, however many; milliseconds. */
      keepForMs: z.number().optional(),
      links: linkRuleSchema(),
      /** Null, as in older plans: it is sent over SSH. */
      pull: pullSchema().nullable().default(null),
      /** `off`: always the whole release. Absent: what a host lacks, where that is less. */
      delta: z.literal('off').optional(),
    }),
    /** In a plan, null also if it does not make the release: a rollback, `--no-build`, a URL. */
    build: buildSchema().nullable().default(null),
    shared: z.array(sharedPathSchema()),
    probes: z.array(probeSchema()),
    policy: policySchema(),
    /** Absent if nothing is kept before a switch. */
    backup: backupSchema().optional(),
    hooks: z.array(hookSchema()).default([]),
    /** Absent if no run needs a second person. */
    approvals: approvalRuleSchema().optional(),
    /** The runs that need a reason: on hosts of these groups, or (null) all; absent for none. */
    requireReason: z.object({ groups: z.array(z.string()).nullable() }).optional(),
    /** Null for the default place, in the state folder of this bastion. */
    history: historyLocationSchema().nullable(),
  });

export type App = Shape<typeof appSchema>;
