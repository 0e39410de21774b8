import * as z from 'zod';
import { EXIT } from '../errors/codes.js';
import { hostFailureSchema } from '../errors/host-failure.js';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import { HOOK_FAILURES } from '../model/runs/hooks/hooks.js';
import { planViewSchema } from '../model/runs/plan-view.js';
import { hostResultSchema, RUN_STATES, runNoticeSchema } from '../model/runs/run.js';
import { VERBS } from '../model/runs/verb.js';
import type { Shape } from '../model/text/shape.js';

/**
 * The version of the event stream, at its head. A field or a type of event that is added does not
 * change it; see docs/contracts.md. Version 1 had no head, no `run` and no `seq`;
 * version 2 had no stage `preparing`, no hooks, and fewer verbs.
 */
export const EVENTS_VERSION = 3;

/** What the bus puts on each event. */
const stampSchema = () =>
  z.object({
    at: z.string().describe('RFC 3339, UTC'),
    run: runIdSchema().nullable().describe('null as long as no run has begun'),
    seq: z
      .int()
      .nonnegative()
      .describe(
        'the place in its stream, from 0, without gaps; those of upload-progress are missing in a journal',
      ),
  });

/** One run of a hook. */
const hookRun = () => ({
  key: z.string().describe('its name in the records of its host'),
  hook: z.string().describe('its place in fleet.yaml'),
  name: z.string(),
  turn: z
    .string()
    .describe('the same in every controller of the run, for a hook of a wave or a run'),
  attempt: z.int().positive(),
  host: hostNameSchema().nullable(),
});

const eventBodySchema = () =>
  z.discriminatedUnion('type', [
    /** The head of a stream. Every reader gets it first, however late it subscribes. */
    z.object({ type: z.literal('stream-started'), schemaVersion: z.literal(EVENTS_VERSION) }),
    runNoticeSchema(),
    z.object({ type: z.literal('preflight-started'), hosts: z.array(hostNameSchema()) }),
    /** fleet connects to this host now and reads it. */
    z.object({ type: z.literal('preflight-asked'), host: hostNameSchema() }),
    z.object({
      type: z.literal('preflight-host'),
      host: hostNameSchema(),
      failure: hostFailureSchema().nullable(),
    }),
    /** A run waits for a second person: nothing was written on any host. It starts later, in a stream of its own. */
    z.object({
      type: z.literal('approval-asked'),
      run: runIdSchema(),
      digest: z.string().describe('of the plan'),
      expiresAt: z.string(),
      plan: planViewSchema(),
    }),
    z.object({
      type: z.literal('run-started'),
      run: runIdSchema(),
      kind: z.enum(RUN_KINDS),
      plan: planViewSchema(),
    }),
    /** How far the uploads of the run are, about every two seconds while they last. The journal does not keep it. */
    z.object({
      type: z.literal('upload-progress'),
      sentBytes: z.number().describe('to all hosts together, with what they had of it before'),
      totalBytes: z.number(),
    }),
    /** What a host reports while it is in its stage: `linked`, `restarted shop.service`, `probe: 503`. */
    z.object({ type: z.literal('host-note'), host: hostNameSchema(), note: z.string() }),
    /** A host has kept something before its link moves, or before it restores an earlier backup. */
    z.object({
      type: z.literal('backup-taken'),
      host: hostNameSchema(),
      backup: z.string().describe('its name on the host'),
      from: releaseIdSchema().nullable(),
      to: releaseIdSchema().nullable(),
      bytes: z.number(),
      commandBytes: z.number().nullable().describe('of what the command wrote; null without one'),
      paths: z.array(
        z.object({
          path: z.string(),
          bytes: z.number().nullable().describe('null if it was absent'),
        }),
      ),
    }),
    z.object({
      type: z.literal('backup-restored'),
      host: hostNameSchema(),
      backup: z.string().describe('its name on the host'),
    }),
    /** The intent: these verbs are about to be sent. */
    z.object({
      type: z.literal('step-sent'),
      host: hostNameSchema(),
      verbs: z.array(z.enum(VERBS)).describe('what the host program does in this call, in order'),
      txn: z.string(),
    }),
    /** The result of a call, good or bad. */
    z.object({
      type: z.literal('step-ended'),
      host: hostNameSchema(),
      verbs: z.array(z.enum(VERBS)),
      txn: z.string(),
      ms: z.number(),
      failure: hostFailureSchema().nullable(),
    }),
    /** The intent: this hook is about to run. `host` is null for one of a wave or of the run on the bastion. */
    z.object({
      type: z.literal('hook-started'),
      ...hookRun(),
      where: z.enum(['host', 'bastion']),
      wave: z.int().nonnegative().nullable().describe('from 0; null for a hook of the run'),
    }),
    /** What a hook of the bastion prints that is not about one host. */
    z.object({ type: z.literal('hook-note'), name: z.string(), note: z.string() }),
    /** How it ended. */
    z.object({
      type: z.literal('hook-ended'),
      ...hookRun(),
      ms: z.number(),
      end: z.enum(['ok', 'failed', 'interrupted', 'lost', 'refused']),
      ifFails: z.enum(HOOK_FAILURES),
      failure: hostFailureSchema().nullable(),
    }),
    /** A person has said what became of a hook whose end no one knew. */
    z.object({
      type: z.literal('hook-settled'),
      run: runIdSchema(),
      turn: z.string(),
      how: z.enum(['done', 'again']),
      by: z.string(),
    }),
    /** Another controller has the run now: it goes on with it, or has settled its hosts and ends it. */
    z.object({
      type: z.literal('taken-over'),
      how: z.enum(['resumed', 'recovered']),
      by: z.string(),
      of: z.string().describe('who had it before'),
    }),
    z.object({
      type: z.literal('warning'),
      message: z.string(),
      host: hostNameSchema().optional(),
    }),
    z.object({
      type: z.literal('run-ended'),
      run: runIdSchema(),
      state: z.enum(RUN_STATES),
      exitCode: z.literal(Object.values(EXIT)),
      hosts: z.array(hostResultSchema()),
      startedAt: z.string(),
    }),
    /** After the end of a run, for readers outside of the journal: what its last line is, to compare it with later. */
    z.object({
      type: z.literal('journal-sealed'),
      digest: z.string().describe('of the last line of the journal, and by it of all lines'),
    }),
  ]);

/** What happens, by its type, as it is emitted. */
export type FleetEventBody = Exclude<AnyBody, { readonly type: 'stream-started' }>;

type AnyBody = Shape<typeof eventBodySchema>;

/** One line of `--output ndjson` and of the journal. */
export const eventSchema = () => z.intersection(stampSchema(), eventBodySchema());

/** Everything that happens. The tree, the log, the journal and the history read this one stream. */
export type FleetEvent = Shape<typeof stampSchema> & AnyBody;

/** The events of one type. */
export type EventOf<T extends FleetEvent['type']> = Extract<FleetEvent, { type: T }>;
