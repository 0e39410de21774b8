import * as z from 'zod';
import { many, section } from '../../schema/words.js';

const receiver = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]), {
    error: 'a map of settings',
  })
  .optional();
/** `notify:`, who gets messages about a run. */
export const notify = many(
  section({
    email: receiver,
    dingtalk: receiver,
    wecom: receiver,
    slack: receiver,
    webhook: receiver,
  }),
  'a list of receivers',
);
