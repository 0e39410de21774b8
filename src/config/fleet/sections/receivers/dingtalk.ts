import type * as z from 'zod';
import { flag, line, section } from '../../../schema/words.js';
import { mobilesAndUsers } from './people.js';
import { reference, secretUrl } from './words.js';

/** A robot of a group in DingTalk. */
export const dingtalk = section({
  url: secretUrl,
  /** It signs; the robot shows it as SEC…. */
  secret: reference.optional(),
  /** One of the words without which the robot takes no message. */
  keyword: line('a word').optional(),
  /** The robot takes messages from the address of this machine. */
  ip_list: flag.optional(),
  at: mobilesAndUsers.optional(),
}).superRefine(({ secret, keyword, ip_list }, context) => {
  if (secret !== undefined || keyword !== undefined || ip_list === true) return;
  const message =
    'DingTalk takes no message without one of the three that a robot is made with: secret, keyword or ip_list: true';
  context.addIssue({ code: 'custom', message, path: ['url'] });
});

export type DingtalkYaml = z.output<typeof dingtalk>;
