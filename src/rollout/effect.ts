import * as z from 'zod';
import { hostNameSchema } from '../model/names.js';
import type { Shape } from '../model/text/shape.js';

const host = hostNameSchema;

/**
 * What the machine asks for. Each ends in exactly one input; the engine carries it out, repeats
 * what is safe to repeat, and reports.
 */
export const effectSchema = () =>
  z.discriminatedUnion('kind', [
    /** Or, where an earlier controller of this run has been, adopt. */
    z.object({ kind: z.literal('claim'), host: host() }),
    z.object({ kind: z.literal('stage'), host: host() }),
    /** Arm, activate and verify: from here on `current` may have moved. */
    z.object({ kind: z.literal('switch'), host: host() }),
    /** With `probe` the probe of the last gate goes in the same call, after it. */
    z.object({ kind: z.literal('confirm'), host: host(), probe: z.boolean().optional() }),
    /** `back`: to the recorded `from`. `hold`: leave it as it is, marked down. */
    z.object({ kind: z.literal('revert'), host: host(), mode: z.enum(['back', 'hold']) }),
    z.object({ kind: z.literal('probe'), host: host() }),
    /**
     * Give the claim back and read the host once more. `done`: the last gate has just looked at its
     * units, so they are not read again, and what is to be pruned is. `given-up`: it was asked long
     * enough before it was called unknown, and is asked once more; with `back` it is also to be taken
     * back, should it answer now and be undecided.
     */
    z.object({
      kind: z.literal('finish'),
      host: host(),
      after: z.enum(['done', 'stopped', 'given-up']),
      back: z.boolean().optional(),
    }),
    z.object({ kind: z.literal('wait'), ms: z.number() }),
  ]);

export type Effect = Shape<typeof effectSchema>;
