import * as z from 'zod';
import { line, many, section } from '../../schema/words.js';

const hook = z.union(
  [line('a command on one line'), section({ local: line('a command on one line') })],
  { error: 'a command, or { local: COMMAND }' },
);
const hookList = many(hook, 'a list of commands').optional();
/** `hooks:`, commands around the steps of a run. */
export const hooks = section({
  before_stage: hookList,
  before_activate: hookList,
  after_activate: hookList,
  after_run: hookList,
  on_failure: hookList,
});
