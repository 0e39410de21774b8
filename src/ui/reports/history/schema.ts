import * as z from 'zod';
import { HOOK_FAILURES, HOOK_POINTS, HOOK_TURNS } from '../../../model/runs/hooks/hooks.js';
import {
  failure,
  hostResult,
  names,
  reason,
  release,
  runKind,
  runState,
  schemaVersion,
  time,
} from '../../json/parts.js';
import { GAP_KINDS } from './host-at.js';
import { SYNC_ENDS } from './sync.js';

/** A run of the history. Its end is null while it runs, and if its controller died. */
const runSummary = z.strictObject({
  run: z.string(),
  kind: runKind,
  app: z.string(),
  group: z.string(),
  operator: z.string().describe('user@bastion'),
  bastion: z.string().describe('the machine on which it was started or resumed last'),
  person: z.string().nullable().describe('null if only the operator is known'),
  identity: z.record(z.string(), z.string().nullable()).nullable(),
  release: z.strictObject({ ...release.shape, committedAt: time.nullable() }),
  reason,
  startedAt: time,
  endedAt: time.nullable(),
  state: runState.nullable(),
  exitCode: z.int().nullable(),
  hostCount: z.int(),
});

/** A failure as the run recorded it. It may have codes and fields of another fleet version. */
const recordedFailure = z.looseObject({
  ...failure.shape,
  code: z.string(),
  journal: names.optional().describe('last lines of the journal of the unit'),
  hint: z.string().optional(),
});

/** What was found out of each file of records. */
export const historyVerify = z.strictObject({
  schemaVersion,
  state: z
    .enum(['intact', 'incomplete', 'changed'])
    .describe('the gravest of all files; the exit code is 0, 3 or 4'),
  files: z.array(
    z.strictObject({
      file: z.string().describe('below the state folder'),
      run: z.string().nullable().describe('the run whose journal it is; null for a deploy.log'),
      state: z.enum(['intact', 'unchained', 'incomplete', 'changed']),
      lines: z.int(),
      chainedFrom: z.int().nullable().describe('the first line with a digest; null if none has'),
      intactThrough: z.int().describe('the last line up to which all fits'),
      head: z.string().nullable().describe('the digest of the last line that fits'),
      notes: z.array(z.string()).describe('for people'),
    }),
  ),
});

export const history = z.strictObject({
  schemaVersion,
  runs: z.array(runSummary),
  before: z
    .string()
    .nullable()
    .describe('older runs follow: give it to --before; null on the last page'),
});

/** What `history --host --at` prints. */
export const historyAt = z.strictObject({
  schemaVersion,
  host: z.string(),
  at: time,
  apps: z.array(
    z.strictObject({
      app: z.string(),
      release: z.string().nullable().describe('null if it had none'),
      version: z.string().nullable(),
      sure: z.boolean().describe('false if the host may have been on another release'),
      seen: z
        .strictObject({ run: z.string(), state: hostResult.shape.state, at: time })
        .describe('the last run by then that had this host'),
      brought: z
        .strictObject({ ...runSummary.shape, at: time })
        .nullable()
        .describe('the run that brought the release; null if the history has none'),
      gaps: z.array(
        z.strictObject({
          kind: z.enum(GAP_KINDS),
          run: z.string().nullable(),
          text: z.string().describe('for people'),
        }),
      ),
    }),
  ),
});

/** What `history sync` prints. */
export const historySync = z.strictObject({
  schemaVersion,
  dryRun: z.boolean(),
  runs: z.array(
    z.strictObject({
      run: z.string(),
      did: z
        .enum(SYNC_ENDS)
        .describe('alive: its process writes it; unusable: its journal cannot be used'),
      detail: z.string().describe('what was lacking, or why it was not written'),
    }),
  ),
  left: z.int().describe('runs that were not tried after one failed'),
});

/** One run of a hook, from the journal of the run. */
const hookRun = z.strictObject({
  hook: z.string().describe('its place in fleet.yaml'),
  name: z.string(),
  point: z.enum(HOOK_POINTS).nullable().describe('null if the plan has no such hook'),
  per: z.enum(HOOK_TURNS),
  where: z.enum(['host', 'bastion']),
  host: z.string().nullable().describe('null for one of a wave or of the run on the bastion'),
  wave: z.int().nullable().describe('from 0; null for a hook of the run'),
  attempt: z.int().describe('from 1; more if it was run again'),
  startedAt: time,
  ms: z.number().nullable().describe('null without an end, and if its end was learned later'),
  end: z
    .enum(['ok', 'failed', 'interrupted', 'lost', 'refused'])
    .nullable()
    .describe('null as long as the journal has no end'),
  ifFails: z.enum(HOOK_FAILURES).nullable().describe('null as long as the journal has no end'),
  failure: recordedFailure.nullable(),
  settled: z
    .strictObject({ how: z.enum(['done', 'again']), by: z.string(), at: time })
    .nullable()
    .describe('what a person has said of one that was interrupted'),
});

export const show = z.strictObject({
  schemaVersion,
  ...runSummary.shape,
  hosts: z.array(z.strictObject({ ...hostResult.shape, error: recordedFailure.optional() })),
  events: z.array(
    z.strictObject({ at: time, type: z.string(), detail: z.string().describe('text for people') }),
  ),
  journal: z
    .strictObject({ bastion: z.string(), here: z.boolean() })
    .describe('on which bastion every event of the run is'),
  hooks: z
    .array(hookRun)
    .nullable()
    .describe('in the order in which they began; null where the journal of the run is not'),
});
