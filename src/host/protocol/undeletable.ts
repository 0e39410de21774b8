import * as z from 'zod';
import * as shape from './shapes.js';

/** Files of another user, immutable ones, a file system that is mounted in it, or something else. */
const WHAT = ['owner', 'immutable', 'mount', 'other'] as const;

/**
 * What the host could not delete, of its own files or of an old release: a path below the root, of fleet's own
 * names, and the host's reason. It stays, and blocks nothing.
 */
export const undeletable = z.object({
  event: z.literal('undeletable'),
  path: z
    .string()
    .max(300, 'too long')
    .regex(
      /^(releases\/|\.fleet\/|\.fleet\/(releases|backups)\/)?\.?[A-Za-z0-9][A-Za-z0-9._-]*$/,
      'not a path',
    )
    .refine((path) => !path.includes('..'), 'not a path'),
  what: z.enum(WHAT, 'not what can be wrong'),
  reason: shape.reason,
});

export type Undeletable = Omit<z.infer<typeof undeletable>, 'event'>;
