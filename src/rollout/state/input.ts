import * as z from 'zod';
import { hostFailureSchema } from '../../errors/host-failure.js';
import { hostNameSchema, releaseIdSchema } from '../../model/names.js';
import type { Shape } from '../../model/text/shape.js';
import type { Effect } from './effect.js';
import { hookStopSchema } from './hook-stop.js';

const host = hostNameSchema;
const failure = hostFailureSchema;
/** Why a person asks for it. */
const why = () => z.string().optional();

/**
 * How a step ended. `lost`: it is unknown whether the host did it, and no retry was answered. An
 * activation that failed `untouched` was refused before anything on the host had changed.
 */
const stepResultSchema = () =>
  z.discriminatedUnion('kind', [
    /** `stop`: a hook after it failed, and the run is to stop. */
    z.object({ kind: z.literal('ok'), stop: hookStopSchema().optional() }),
    z.object({
      kind: z.literal('failed'),
      failure: failure(),
      untouched: z.boolean().optional(),
      stop: hookStopSchema().optional(),
    }),
    z.object({ kind: z.literal('lost'), failure: failure() }),
  ]);

export type StepResult = Shape<typeof stepResultSchema>;

/** What a gate's probe of one host found. No data is `unknown`, never a pass. */
const probeReadingSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('healthy') }),
    z.object({ kind: z.literal('unhealthy'), failure: failure() }),
    z.object({ kind: z.literal('unknown'), failure: failure() }),
  ]);

export type ProbeReading = Shape<typeof probeReadingSchema>;

/** The final reading of a host, after its claim was given up; `unread` if it did not answer. */
const finalReadingSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('read'),
      /** Whether it is settled and has no claim. */
      idle: z.boolean(),
      /** Whether its rollback failed, so that it is down. */
      down: z.boolean().optional(),
      current: releaseIdSchema().nullable(),
      /** Whether every unit that was asked for was read and is up. */
      unitsUp: z.boolean(),
      /** What is wrong with them if not, in a few words. */
      fault: z.string().optional(),
    }),
    z.object({ kind: z.literal('unread'), failure: failure() }),
  ]);

export type FinalReading = Shape<typeof finalReadingSchema>;

/** The inputs of the machine: the end of each effect that it asked for, and what people do. */
export const runInputSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('begin') }),
    z.object({ kind: z.literal('claimed'), host: host(), result: stepResultSchema() }),
    z.object({ kind: z.literal('staged'), host: host(), result: stepResultSchema() }),
    z.object({ kind: z.literal('prepared'), host: host(), result: stepResultSchema() }),
    z.object({ kind: z.literal('switched'), host: host(), result: stepResultSchema() }),
    /** `probe`: what the probe after it found; absent if none was sent or its answer was lost. */
    z.object({
      kind: z.literal('confirmed'),
      host: host(),
      result: stepResultSchema(),
      probe: probeReadingSchema().optional(),
    }),
    z.object({ kind: z.literal('reverted'), host: host(), result: stepResultSchema() }),
    z.object({ kind: z.literal('probed'), host: host(), reading: probeReadingSchema() }),
    z.object({ kind: z.literal('finished'), host: host(), reading: finalReadingSchema() }),
    z.object({
      kind: z.literal('hooked'),
      hook: z.string(),
      turn: z.string(),
      host: host().nullable(),
      result: stepResultSchema(),
    }),
    /** The last wait that was asked for is over. */
    z.object({ kind: z.literal('elapsed') }),
    /** The first Ctrl-C, or `fleet abort` by another person. */
    z.object({ kind: z.literal('interrupt'), by: z.string().optional(), reason: why() }),
    z.object({ kind: z.literal('pause'), by: z.string(), reason: why() }),
    /** Continues where it paused. That also approves the wave that comes next. */
    z.object({ kind: z.literal('resume'), by: z.string(), reason: why() }),
    /** Ends a paused run so that it can be resumed. */
    z.object({ kind: z.literal('suspend') }),
    /** A host has answered, outside of any effect, that another run has its claim now. */
    z.object({ kind: z.literal('fenced'), host: host(), failure: failure() }),
  ]);

export type RunInput = Shape<typeof runInputSchema>;

/**
 * The kind of the one input that each effect ends in. The machine, the engine and every test that drives
 * the machine take it from here.
 */
export const ENDS_IN = {
  claim: 'claimed',
  stage: 'staged',
  prepare: 'prepared',
  switch: 'switched',
  confirm: 'confirmed',
  revert: 'reverted',
  probe: 'probed',
  finish: 'finished',
  hook: 'hooked',
  wait: 'elapsed',
} as const satisfies Readonly<Record<Effect['kind'], RunInput['kind']>>;

/** The input that an effect ends in. */
export type InputFor<E extends Effect> = Extract<RunInput, { kind: (typeof ENDS_IN)[E['kind']] }>;
