import * as z from 'zod';
import { FAILURE_POLICIES } from '../../../model/runs/policy.js';
import {
  choice,
  duration,
  durationWithin,
  labelKey,
  many,
  section,
  size,
  tolerance,
  whole,
} from '../../schema/words.js';
import { LEASE_BOUNDS } from '../defaults.js';

const REST_LAST = 'rest is the last wave, and only once: it takes every host that is left';
const waves = z.union(
  [
    many(
      z.union([size, z.literal('rest'), section({ approve: z.literal(true, { error: 'true' }) })], {
        error: 'a number of hosts such as 2, a percentage such as 25%, or rest',
      }),
      'a list of sizes',
    ).superRefine((sizes, context) => {
      if (sizes.at(-1) !== 'rest') {
        const path = sizes.length === 0 ? [] : [sizes.length - 1];
        context.addIssue({ code: 'custom', message: 'the last wave must be rest', path });
      }
      for (const [index, each] of sizes.slice(0, -1).entries()) {
        if (each === 'rest')
          context.addIssue({ code: 'custom', message: REST_LAST, path: [index] });
      }
    }),
    section({ canary: whole(1, 10_000), per: labelKey }),
  ],
  { error: 'a list such as [1, 25%, rest], or { canary: 1, per: LABEL }' },
);

const onFailure = choice(...FAILURE_POLICIES);
const tolerate = section({ wave: tolerance.optional(), run: tolerance.optional() });
// biome-ignore lint/suspicious/noThenProperty: the word of the file's form; nothing awaits this
const onInconclusive = section({ pause: duration.optional(), then: onFailure.optional() });

/** `policy:`, how a run goes through its hosts. */
export const policy = section({
  waves: waves.optional(),
  max_unavailable: size.optional(),
  tolerate: tolerate.optional(),
  tolerate_unreachable: tolerance.optional(),
  min_healthy_time: duration.optional(),
  healthy_deadline: duration.optional(),
  bake: duration.optional(),
  confirm_deadline: duration.optional(),
  lease: durationWithin('a lease', LEASE_BOUNDS).optional(),
  on_failure: onFailure.optional(),
  on_inconclusive: onInconclusive.optional(),
  dead_man: choice('required', 'auto', 'off').optional(),
});
