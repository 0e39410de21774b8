import type { Step } from '../../src/host/protocol/protocol.js';
import type { HookPoint } from '../../src/model/runs/hooks/hooks.js';
import type { Plan } from '../../src/model/runs/plan.js';
import type { Verb } from '../../src/model/runs/verb.js';

/** Steps without which a host cannot be on the release: one that fails has failed its host. */
export const isDecisive = (plan: Plan, steps: readonly Step[]): boolean =>
  steps.some((step) => VERBS.has(step.verb) || (step.verb === 'hook' && isVeto(plan, step)));

const VERBS: ReadonlySet<Verb> = new Set<Verb>([
  'claim',
  'stage',
  'backup',
  'restore',
  'activate',
  'confirm',
]);

/** Points whose hooks keep a host from the release; those of a confirmed host come too late for that. */
const POINTS: ReadonlySet<HookPoint> = new Set<HookPoint>([
  'before_stage',
  'before_activate',
  'after_activate',
]);

/** Whether it is a hook of that host alone, and one that its host fails with. */
function isVeto({ app }: Plan, { args }: Step): boolean {
  const argument = (name: string) => args.find(([key]) => key === name)?.[1];
  const key = argument('key');
  const txn = argument('txn');
  const hook = app.hooks.find(({ id }) => key === `${id}.${txn}`);
  return hook?.per === 'host' && hook.ifFails !== 'warn' && POINTS.has(hook.point);
}
