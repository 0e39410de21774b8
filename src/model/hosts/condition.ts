import * as z from 'zod';
import type { Shape } from '../text/shape.js';

/**
 * What a host is to the app's service at this moment.
 * - `serving`: every unit is up; updating it takes it out of service, which costs budget
 * - `new`: it never served the app; it is never counted as out of service
 * - `out`: it has served and does not now; it may always be updated, as that makes nothing worse
 */
export const hostConditionSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('serving') }),
    z.object({ kind: z.literal('new') }),
    z.object({ kind: z.literal('out'), why: z.string() }),
  ]);

export type HostCondition = Shape<typeof hostConditionSchema>;
