import * as z from 'zod';

/** What is wrong with a path: another user owns it, may write it, or it is a link in a wrong place. */
const WHAT = ['owner', 'writable', 'link'] as const;

const identity = z.int('not a number').nonnegative('below 0').max(0xffff_ffff, 'too large');

/**
 * A path that another user than the login and root may change: the root, the folders above it, or fleet's files
 * in it. The host names it, so the path is for reading, never for pasting.
 */
export const unsafePath = z.object({
  path: z
    .string()
    .max(4_096, 'too long')
    .regex(/^\/[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'not a path'),
  what: z.enum(WHAT, 'not what can be wrong'),
  uid: identity,
  gid: identity,
  mode: z.string().regex(/^[-?a-zA-Z]{10}$/, 'not a mode'),
});

export type UnsafePath = z.infer<typeof unsafePath>;

/** The host program names eight at most. */
export const unsafePaths = z.array(unsafePath, 'not a list').max(8, 'more than 8');
