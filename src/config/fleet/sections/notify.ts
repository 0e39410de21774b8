import * as z from 'zod';
import { LANGUAGES, NOTICE_KINDS } from '../../../model/runs/notices.js';
import { choice, groupName, line, many, oneOrMore, section } from '../../schema/words.js';
import { RECEIVER_FORMS, RECEIVER_KINDS } from './receivers/forms.js';

const forms = z.strictObject(RECEIVER_FORMS).partial().shape;

const receiver = section({
  ...forms,
  name: line('a name on one line').optional(),
  on: oneOrMore(choice(...NOTICE_KINDS), `one of ${NOTICE_KINDS.join(', ')}, or a list`).optional(),
  groups: oneOrMore(groupName, 'a group, or a list of groups').optional(),
  language: choice(...LANGUAGES).optional(),
}).superRefine((written, context) => {
  const [first, second] = RECEIVER_KINDS.filter((kind) => written[kind] !== undefined);
  const message =
    first === undefined
      ? `a receiver needs one of ${RECEIVER_KINDS.join(', ')}`
      : `a receiver has either ${first} or ${second}: write two`;
  if (first === undefined || second !== undefined) {
    context.addIssue({ code: 'custom', message, path: second === undefined ? [] : [second] });
  }
});

/** `notify:`, who gets messages about a run. */
export const notify = many(receiver, 'a list of receivers');

export type NotifyYaml = z.output<typeof notify>;
