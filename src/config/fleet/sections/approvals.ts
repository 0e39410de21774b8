import * as z from 'zod';
import { parseDuration } from '../../../model/text/duration.js';
import {
  choice,
  durationWithin,
  flag,
  groupName,
  line,
  many,
  oneOrMore,
  section,
} from '../../schema/words.js';

const groups = oneOrMore(groupName, 'the name of a group, or a list of them');

/** `approvals:`, the runs that need a second person. */
export const approvals = section({
  by: choice('other'),
  groups: groups.optional(),
  kinds: many(choice('deploy', 'rollback'), 'a list of deploy and rollback')
    .min(1, { error: 'a list of deploy and rollback' })
    .optional(),
  expires: durationWithin('the time to approve', {
    leastMs: 60_000,
    mostMs: parseDuration('168h') ?? 0,
  }).optional(),
  emergency: flag.optional(),
  dir: line('the path of a folder').optional(),
});

/** `require_reason:`, the runs that a person has to say why. */
export const requireReason = z.union([flag, groups], {
  error: 'true, the name of a group, or a list of groups',
});
