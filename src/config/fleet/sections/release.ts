import * as z from 'zod';
import { age, section, text, whole } from '../../schema/words.js';
import { parseReleaseSource } from '../release-source.js';
import { pull } from './pull.js';

const SOURCE = 'a folder, an archive, git:REF[:SUBDIR] or { url, sha256 }';
const source = z.union(
  [
    z.string().superRefine((value, context) => {
      const parsed = parseReleaseSource(value, { dir: '/', home: '/' });
      if (parsed.kind === 'source') return;
      const { reason, hint } = parsed;
      context.addIssue({ code: 'custom', message: reason, params: { hint } });
    }),
    section({
      url: text(/^https:\/\/[^\s\u0000-\u001f"'<>\\]+$/, 'an https URL'),
      sha256: text(/^[0-9a-fA-F]{64}$/, 'the SHA-256 of the archive, 64 hex digits'),
    }),
  ],
  { error: SOURCE },
);

/** `release:`, where it comes from and how it is kept. */
export const release = section({
  from: source.optional(),
  keep: whole(1, 1000).optional(),
  keep_for: age.optional(),
  links: z.enum(['inside', 'allow'], { error: 'inside or allow' }).optional(),
  pull: pull.optional(),
  delta: z.enum(['auto', 'off'], { error: 'auto or off' }).optional(),
});
