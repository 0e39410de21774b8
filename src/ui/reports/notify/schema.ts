import * as z from 'zod';
import { NOTICE_KINDS } from '../../../model/runs/notices.js';
import { schemaVersion, time } from '../../json/parts.js';

const to = z.string().describe('the receiver, as fleet.yaml calls it');
const why = z.string().nullable().describe('what came back');

const letter = {
  to,
  id: z.string().describe('the same at each try'),
  run: z.string(),
  kinds: z.array(z.enum(NOTICE_KINDS)).describe('several if they had to wait'),
};

const waiting = z.array(
  z.strictObject({
    ...letter,
    since: time,
    tries: z.int().nonnegative(),
    why,
  }),
);

/** What `notify test`, `notify flush` and `notify list` print. */
export const notify = z.union([
  z.strictObject({
    schemaVersion,
    tested: z.array(
      z.strictObject({
        to,
        kind: z.string().describe('webhook, email, ...'),
        place: z.string().nullable().describe('without secrets; null if they could not be read'),
        sent: z.boolean(),
        why,
        ms: z.int().nonnegative(),
      }),
    ),
  }),
  z.strictObject({
    schemaVersion,
    ended: z.array(
      z.strictObject({ ...letter, end: z.enum(['sent', 'refused', 'expired', 'gone']), why }),
    ),
    waiting,
  }),
  z.strictObject({ schemaVersion, waiting }),
]);
