import type { HostPlan, Plan } from '../plan.js';
import type { Hook, HookPoint, HookTurn } from './hooks.js';

type Hooked = Pick<Plan, 'app' | 'kind'>;

/** The hooks of that point in this run, in their order. */
export function hooksAt({ app, kind }: Hooked, point: HookPoint, per: HookTurn): readonly Hook[] {
  return app.hooks.filter(
    (hook) => hook.point === point && hook.per === per && hook.on.includes(kind),
  );
}

/** Those that run for one host. */
export function hooksFor(plan: Hooked, point: HookPoint, { host }: HostPlan): readonly Hook[] {
  return hooksAt(plan, point, 'host').filter((hook) => includesHost(hook, host));
}

/** Whether a hook is for that host. */
export const includesHost = (
  { groups }: Hook,
  host: { readonly groups: readonly string[] },
): boolean => groups.length === 0 || groups.some((group) => host.groups.includes(group));

/** One run of a hook in this run: waves count from 1 for people. */
export const turnOf = ({ id, per }: Hook, wave: number): string =>
  per === 'wave' ? `${id}.wave${wave + 1}` : id;
