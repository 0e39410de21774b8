import * as z from 'zod';
import { hostNameSchema } from '../../model/names.js';
import { RUN_STATES } from '../../model/runs/run.js';
import type { Shape } from '../../model/text/shape.js';

const host = hostNameSchema;

/**
 * What the machine asks for. Each effect ends in exactly one input. The engine carries it out, repeats
 * what is safe to repeat, and reports.
 */
export const effectSchema = () =>
  z.discriminatedUnion('kind', [
    /** Adopt instead, if an earlier controller of this run had the host. */
    z.object({ kind: z.literal('claim'), host: host() }),
    z.object({ kind: z.literal('stage'), host: host() }),
    /** What comes before an activation: hooks of `before_activate`, then a backup. It moves nothing. */
    z.object({ kind: z.literal('prepare'), host: host() }),
    /** Arm, activate and verify. From here on `current` may have moved. */
    z.object({ kind: z.literal('switch'), host: host() }),
    /** With `probe` the probe of the last gate goes in the same call, after it. */
    z.object({ kind: z.literal('confirm'), host: host(), probe: z.boolean().optional() }),
    /** `back`: roll back to the recorded `from`. `hold`: leave it as it is, marked down. */
    z.object({ kind: z.literal('revert'), host: host(), mode: z.enum(['back', 'hold']) }),
    z.object({ kind: z.literal('probe'), host: host() }),
    /**
     * Give up the claim and read the host once more. `done`: the last gate has just read its units, so
     * they are not read again, and old releases are pruned. `given-up`: it did not answer for so long
     * that it counts as unknown, and is asked once more; with `back` it is also rolled back, if it
     * answers now and is unfinished.
     */
    z.object({
      kind: z.literal('finish'),
      host: host(),
      after: z.enum(['done', 'stopped', 'given-up']),
      back: z.boolean().optional(),
    }),
    /**
     * A hook of a wave (`wave`) or of the run. `host` is where it runs; null on the bastion. `result`: how
     * the run has ended, for hooks at its end.
     */
    z.object({
      kind: z.literal('hook'),
      hook: z.string(),
      turn: z.string(),
      wave: z.int().nullable(),
      host: host().nullable(),
      result: z.enum(RUN_STATES).optional(),
    }),
    z.object({ kind: z.literal('wait'), ms: z.number() }),
  ]);

export type Effect = Shape<typeof effectSchema>;
