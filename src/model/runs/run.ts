import * as z from 'zod';
import { hostFailureSchema } from '../../errors/host-failure.js';
import { hostNameSchema, releaseIdSchema } from '../names.js';
import type { Shape } from '../text/shape.js';
import { HOOK_POINTS } from './hooks/hooks.js';

export const HOST_STAGES = [
  'waiting',
  'checking',
  'claiming',
  'claimed',
  'staging',
  'staged',
  'preparing',
  'switching',
  'confirming',
  'done',
  'reverting',
  'reverted',
  'failed',
  'down',
  'unknown',
] as const;

/** What a host does, or its final state, as the run sees it. */
export type HostStage = (typeof HOST_STAGES)[number];

/** The parts of a run, in the order in which they happen. */
const RUN_PHASES = [
  'preflight',
  'claiming',
  'staging',
  'wave',
  'stopping',
  'rolling-back',
  'finalizing',
] as const;

export type RunPhase = (typeof RUN_PHASES)[number];

export const RUN_STATES = [
  'succeeded',
  'succeeded_partial',
  'stopped_mixed',
  'rolled_back',
  'rollback_incomplete',
  'aborted_clean',
  'refused',
  'paused',
  'fenced',
] as const;

/**
 * How a run ended. `refused` wrote nothing or gave up its claims; `paused` gave them up and can be resumed; `fenced` lost
 * its hosts to another run.
 */
export type RunState = (typeof RUN_STATES)[number];

/** Whether the run left something for `resume`; a release that was rolled back is bad. */
export const isResumable = (state: RunState): boolean => RESUMABLE.has(state);

const RESUMABLE: ReadonlySet<RunState> = new Set([
  'paused',
  'stopped_mixed',
  'aborted_clean',
  'rollback_incomplete',
  'fenced',
]);

export const HOST_RESULT_STATES = [...HOST_STAGES, 'skipped', 'unchanged'] as const;

/** A host's state in the records: its stage, or that the run left it out. */
export type HostResultState = (typeof HOST_RESULT_STATES)[number];

/** One host at the end of a run, from a fresh read. */
export const hostResultSchema = () =>
  z.object({
    host: hostNameSchema(),
    state: z.enum(HOST_RESULT_STATES),
    /** From 0; null for a host that was in no wave. */
    wave: z.int().nullable(),
    from: releaseIdSchema().nullable(),
    to: releaseIdSchema().nullable(),
    error: hostFailureSchema().optional(),
  });

export type HostResult = Shape<typeof hostResultSchema>;

const wave = () => z.int().nonnegative();
const hosts = () => z.array(hostNameSchema());
/** Why a person asks for it, as --reason says. */
const words = () => z.string().optional();

/** Why a run stopped starting hosts. */
const stopReasonSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('tripped'),
      wave: wave(),
      failed: hosts(),
      limit: z.enum(['wave', 'run']),
    }),
    z.object({ kind: z.literal('gate-failed'), wave: wave(), failed: hosts() }),
    z.object({ kind: z.literal('gate-inconclusive'), wave: wave(), missing: hosts() }),
    /** Hosts are left, none may leave service under max_unavailable, and none is in flight. */
    z.object({ kind: z.literal('no-budget'), wave: wave(), out: hosts() }),
    /** By Ctrl-C, or by a person in another shell. */
    z.object({ kind: z.literal('interrupted'), by: z.string().optional(), reason: words() }),
    /** Another run has taken these hosts, or may have while this one was stopped. */
    z.object({ kind: z.literal('fenced'), hosts: hosts() }),
    z.object({ kind: z.literal('claim-refused'), hosts: hosts() }),
    /** A hook that may stop the run has failed. Without hosts it ran on the bastion. */
    z.object({
      kind: z.literal('hook-failed'),
      wave: wave(),
      point: z.enum(HOOK_POINTS),
      hook: z.string(),
      hosts: hosts(),
      message: z.string(),
    }),
  ]);

export type StopReason = Shape<typeof stopReasonSchema>;

/** `approval`: the plan needs an approval before the wave. */
const pauseReasonSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('asked'), by: z.string() }),
    z.object({ kind: z.literal('approval') }),
  ]);

export type PauseReason = Shape<typeof pauseReasonSchema>;

/** What the state machine reports of its own transitions; part of the event stream. */
export const runNoticeSchema = () =>
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('phase-started'),
      phase: z.enum(RUN_PHASES),
      wave: wave().nullable(),
      hosts: hosts(),
    }),
    z.object({
      type: z.literal('phase-ended'),
      phase: z.enum(RUN_PHASES),
      wave: wave().nullable(),
    }),
    z.object({
      type: z.literal('host-stage'),
      host: hostNameSchema(),
      stage: z.enum(HOST_STAGES),
      wave: wave(),
      failure: hostFailureSchema().optional(),
    }),
    z.object({ type: z.literal('bake-started'), wave: wave(), ms: z.number() }),
    z.object({ type: z.literal('gate-started'), wave: wave(), hosts: z.int() }),
    z.object({
      type: z.literal('gate-judged'),
      wave: wave(),
      verdict: z.enum(['pass', 'fail', 'inconclusive']),
      hosts: hosts(),
    }),
    z.object({ type: z.literal('stopped'), reason: stopReasonSchema() }),
    /** A person asks for a pause; hosts in flight come first. */
    z.object({ type: z.literal('pause-asked'), by: z.string(), reason: words() }),
    /** No host is in flight and none starts, before `wave` or in its middle. */
    z.object({ type: z.literal('paused'), wave: wave(), why: pauseReasonSchema() }),
    z.object({ type: z.literal('resumed'), by: z.string(), reason: words() }),
  ]);

export type RunNotice = Shape<typeof runNoticeSchema>;
