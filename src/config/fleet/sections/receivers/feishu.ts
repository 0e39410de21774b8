import type * as z from 'zod';
import { flag, line, section } from '../../../schema/words.js';
import { users } from './people.js';
import { reference, secretUrl } from './words.js';

/** A robot of a group in Feishu or Lark. */
export const feishu = section({
  url: secretUrl,
  secret: reference.optional(),
  keyword: line('a word').optional(),
  /** Users by their open_id or user_id: ou_…. */
  at: section({ users: users.optional(), all: flag.optional() }).optional(),
});

export type FeishuYaml = z.output<typeof feishu>;
