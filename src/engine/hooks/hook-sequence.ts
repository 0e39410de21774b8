import type { HostFailure } from '../../errors/host-failure.js';
import type { HostName } from '../../model/names.js';
import { hooksFor } from '../../model/runs/hooks/hook-turns.js';
import type { Hook, HookPoint } from '../../model/runs/hooks/hooks.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { isFenced } from '../../rollout/fencing.js';
import type { Effect } from '../../rollout/state/effect.js';
import type { StepResult } from '../../rollout/state/input.js';
import type { HookEnd, RunHook } from './hook-runner.js';

export interface HooksOptions {
  readonly plan: Plan;
  readonly run: RunHook;
  /** Called with failures that change nothing. */
  readonly warn: (message: string, host: HostName | null) => void;
}

/** The hooks of a run, as its effects need them. */
export interface Hooks {
  /** Those of one host at that point, one after the other; the first that vetoes ends it. */
  forHost(point: HookPoint, host: HostPlan, signal: AbortSignal): Promise<StepResult>;
  /** One of a wave or of the run. */
  forTurn(
    effect: Extract<Effect, { kind: 'hook' }>,
    host: HostPlan | null,
    signal: AbortSignal,
  ): Promise<StepResult>;
}

const OK: StepResult = { kind: 'ok' };

export function createHooks({ plan, run, warn }: HooksOptions): Hooks {
  const judge = (hook: Hook, end: HookEnd, host: HostName | null): StepResult => {
    if (end.kind === 'ok') return OK;
    const { failure } = end;
    if (!isFenced(failure) && hook.ifFails === 'warn') {
      warn(warningOf(failure), host);
      return OK;
    }
    if (end.kind === 'lost') return { kind: 'lost', failure };
    return { kind: 'failed', failure, ...stopOf(hook, failure) };
  };
  return {
    async forHost(point, host, signal) {
      for (const hook of hooksFor(plan, point, host)) {
        const subject = { hook, host, wave: host.wave, result: null };
        const result = judge(hook, await run(subject, signal), host.host.name);
        if (result.kind !== 'ok') return result;
      }
      return OK;
    },
    async forTurn({ hook: id, wave, result = null }, host, signal) {
      const hook = plan.app.hooks.find((each) => each.id === id);
      if (hook === undefined) throw new Error(`hook ${id} is not part of this plan`);
      const end = await run({ hook, host, wave, result }, signal);
      return judge(hook, end, host?.host.name ?? null);
    },
  };
}

function stopOf({ ifFails, point, name }: Hook, { message }: HostFailure) {
  return ifFails === 'stop-run' ? { stop: { point, hook: name, message } } : {};
}

/** With the last line that it printed, which says why as a rule. */
function warningOf({ message, stderr }: HostFailure): string {
  const last = stderr?.at(-1);
  return last === undefined ? message : `${message}; it printed last: ${last}`;
}
