import * as z from 'zod';
import { hostNameSchema } from '../../names.js';
import type { Shape } from '../../text/shape.js';

/**
 * What an earlier controller of the run has done about a hook that runs once a wave or a run.
 * - `done`: it has ended, and does not run again
 * - `open`: it began on a host, and its end is not in the journal: the host knows it
 * - `again`: it is to run again, as it failed, or as a person has asked for it
 */
export const hookBegunSchema = () =>
  z.object({
    turn: z.string(),
    state: z.enum(['done', 'open', 'again']),
    /** How often it was begun anew, from 1; a host keeps the end of each by it. */
    attempt: z.int().positive(),
    host: hostNameSchema().nullable(),
  });

export type HookBegun = Shape<typeof hookBegunSchema>;
