import * as z from 'zod';
import { RUN_KINDS } from '../../../model/run-kind.js';
import {
  failuresOf,
  HOOK_FAILURES,
  HOOK_RULES,
  HOOK_TURNS,
  type HookPoint,
} from '../../../model/runs/hooks/hooks.js';
import {
  choice,
  duration,
  groupName,
  line,
  many,
  oneOrMore,
  relativePath,
  section,
} from '../../schema/words.js';

const command = line('a command on one line');
const FORM = 'a command, or a map with run or local';

const settings = section({
  run: command.optional(),
  local: command.optional(),
  name: line('a name on one line').optional(),
  per: choice(...HOOK_TURNS).optional(),
  groups: oneOrMore(groupName, 'a group, or a list of groups').optional(),
  on: oneOrMore(choice(...RUN_KINDS), 'deploy, rollback, or both').optional(),
  timeout: duration.optional(),
  if_fails: choice(...HOOK_FAILURES).optional(),
});

type Settings = z.output<typeof settings>;

/** One hook of a point: what has no meaning there is refused. */
const hookOf = (point: HookPoint) =>
  z.union(
    [
      command,
      settings.superRefine((hook, context) => {
        for (const { message, path } of mistakes(point, hook)) {
          context.addIssue({ code: 'custom', message, path });
        }
      }),
    ],
    { error: FORM },
  );

interface Mistake {
  readonly message: string;
  readonly path: string[];
}

function mistakes(point: HookPoint, hook: Settings): readonly Mistake[] {
  const both = hook.run !== undefined && hook.local !== undefined;
  const neither = hook.run === undefined && hook.local === undefined;
  const { per: turns, ifFails: all } = HOOK_RULES[point];
  const per = hook.per ?? turns[0] ?? 'host';
  const found: Mistake[] = [];
  if (both) {
    const message = 'a hook has run (on the host) or local (on this machine), not both';
    found.push({ message, path: ['local'] });
  }
  if (neither) {
    found.push({ message: 'a hook needs run (on the host) or local (on this machine)', path: [] });
  }
  if (!turns.includes(per)) {
    const message = `a hook of ${point} runs per ${turns.join(' or per ')}`;
    found.push({ message, path: ['per'] });
    return found;
  }
  const allowed = failuresOf(point, per);
  if (hook.if_fails === undefined || allowed.includes(hook.if_fails)) return found;
  const whose = all.includes(hook.if_fails) ? ` per ${per}` : '';
  const message = `if a hook of ${point}${whose} fails, this can be ${allowed.join(' or ')}: ${WHY[hook.if_fails]}`;
  found.push({ message, path: ['if_fails'] });
  return found;
}

const WHY = {
  'fail-host': 'there is no host left that could fail',
  'stop-run': 'there is nothing left that could be stopped',
  warn: 'it is reported',
} as const;

const listOf = (point: HookPoint) => many(hookOf(point), 'a list of hooks').optional();

/** `hooks:`, commands around the steps of a run. */
export const hooks = section({
  before_stage: listOf('before_stage'),
  before_activate: listOf('before_activate'),
  after_activate: listOf('after_activate'),
  after_confirm: listOf('after_confirm'),
  before_revert: listOf('before_revert'),
  after_revert: listOf('after_revert'),
  after_run: listOf('after_run'),
  on_failure: listOf('on_failure'),
  rollback_script: relativePath.optional(),
} satisfies Record<HookPoint | 'rollback_script', z.ZodType>);

export type HooksYaml = z.output<typeof hooks>;
