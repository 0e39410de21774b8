import * as z from 'zod';
import type { Shape } from '../text/shape.js';
import { DEAD_MAN_POLICIES } from './dead-man.js';

/** A number of hosts: a count, or a percentage of the run's hosts (an integer, 0 to 100). */
export const sizeSchema = () => z.discriminatedUnion('kind', [countSchema(), percentSchema()]);

export type Size = Shape<typeof sizeSchema>;

/** The size of one wave; `rest` takes all remaining hosts. */
const waveSizeSchema = () =>
  z.discriminatedUnion('kind', [
    countSchema(),
    percentSchema(),
    z.object({ kind: z.literal('rest') }),
  ]);

export type WaveSize = Shape<typeof waveSizeSchema>;

/** How the run is cut into waves. */
const wavePolicySchema = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('sizes'),
      sizes: z.array(waveSizeSchema()),
      /** How many sizes come before each approval. */
      approvals: z.array(z.int()).optional(),
    }),
    /** `canary` hosts for each value of the label `per`, then the rest in one wave. */
    z.object({ kind: z.literal('spread'), canary: z.int(), per: z.string() }),
  ]);

export type WavePolicy = Shape<typeof wavePolicySchema>;

export const FAILURE_POLICIES = ['hold', 'rollback-host', 'rollback-wave', 'rollback-run'] as const;

/**
 * What happens after a trip. A failed host is rolled back at once under all but `hold`.
 * - `hold`: nothing is rolled back; the failed host stays as it is, marked down, for a person to look at
 * - `rollback-host`: only failed hosts are rolled back
 * - `rollback-wave`: every host of the tripped wave
 * - `rollback-run`: every host the run has touched
 */
export type OnFailure = (typeof FAILURE_POLICIES)[number];

/** Durations are in milliseconds. */
export const policySchema = () =>
  z.object({
    waves: wavePolicySchema(),
    maxUnavailable: sizeSchema(),
    tolerate: z.object({ wave: sizeSchema(), run: sizeSchema() }),
    tolerateUnreachable: sizeSchema(),
    minHealthyMs: z.number(),
    healthyDeadlineMs: z.number(),
    bakeMs: z.number(),
    /** From arming the dead-man timer to the automatic rollback. */
    confirmDeadlineMs: z.number(),
    deadMan: z.enum(DEAD_MAN_POLICIES),
    /** How long a claim lasts without a sign of life of its run. */
    leaseMs: z.number(),
    onFailure: z.enum(FAILURE_POLICIES),
    onInconclusive: z.object({ pauseMs: z.number(), otherwise: z.enum(FAILURE_POLICIES) }),
  });

export type Policy = Shape<typeof policySchema>;

const countSchema = () => z.object({ kind: z.literal('count'), count: z.int() });
const percentSchema = () => z.object({ kind: z.literal('percent'), percent: z.number() });
