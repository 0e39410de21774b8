import type { HostName } from '../../names.js';
import type { HostPlan, Plan } from '../plan.js';
import { hooksAt, includesHost } from './hook-turns.js';
import { HOOK_POINTS, HOOK_TURNS, type Hook, type HookPoint, type HookTurn } from './hooks.js';

/** A hook of a run, and for which hosts it runs. */
export interface PlannedHook {
  readonly hook: Hook;
  /** How often it runs if every host succeeds, or for how many hosts it may run if one is rolled back. */
  readonly times: number;
  /** The host on which one of the run or of a wave runs first; null on the bastion, and for one of each host. */
  readonly first: HostName | null;
}

/** The hooks of a run in the order of their points; none that is for no host of it. */
export function plannedHooks(plan: Plan): readonly PlannedHook[] {
  const hooks = HOOK_POINTS.flatMap((point) =>
    turnsAt(point).flatMap((per) => hooksAt(plan, point, per)),
  );
  return hooks.flatMap((hook): readonly PlannedHook[] => {
    const hosts = plan.hosts.filter(
      (each) => includesHost(hook, each.host) && isReached(hook, each),
    );
    if (hosts.length === 0) return [];
    const first = hook.per === 'host' || hook.where === 'bastion' ? null : hosts[0]?.host.name;
    return [{ hook, times: timesOf(hook, hosts), first: first ?? null }];
  });
}

/** Before an activation those of the run come first, after it those of the host. */
const turnsAt = (point: HookPoint): readonly HookTurn[] =>
  point.startsWith('before_') ? HOOK_TURNS.toReversed() : HOOK_TURNS;

function timesOf({ per }: Hook, hosts: readonly HostPlan[]): number {
  switch (per) {
    case 'host':
      return hosts.length;
    case 'wave':
      return new Set(hosts.map(({ wave }) => wave)).size;
    case 'run':
      return 1;
  }
}

/** What is on a host already is not staged again. */
const isReached = ({ point }: Hook, { upload, done }: HostPlan): boolean =>
  point === 'before_stage' ? upload && !done : true;
