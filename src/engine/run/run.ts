import { FleetError } from '../../errors/fleet-error.js';
import type { EventBus } from '../../events/bus.js';
import type { Clock } from '../../model/clock.js';
import type { ControlRequest } from '../../model/runs/control.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';
import { type Conclusion, conclude } from '../../rollout/conclude.js';
import type { Effect } from '../../rollout/effect.js';
import type { RunInput } from '../../rollout/input.js';
import { advance } from '../../rollout/machine.js';
import { beginState, type RolloutState } from '../../rollout/state.js';
import type { Heartbeat } from './heartbeat.js';
import { createInbox, type Inbox } from './inbox.js';

/** Carries one effect out and answers with the one input it ends in. Never rejects for what a host does. */
export type CarryOut = (effect: Effect, signal: AbortSignal) => Promise<RunInput>;

export interface RunOptions {
  readonly plan: Plan;
  readonly bus: EventBus;
  readonly carryOut: CarryOut;
  readonly clock: Clock;
  /** Keeps the claims alive; absent where nothing can outlast a lease. */
  readonly heartbeat?: Heartbeat | undefined;
  /** Hands over what people want of the run while it goes on; gives back what ends that. */
  readonly control?: ((tell: (request: ControlRequest) => void) => () => void) | undefined;
  /** Hosts that are worked on at once. Default: all. */
  readonly atOnce?: number | undefined;
  /** What a pause does: wait to be resumed, or end so that the run can be. Default `wait`. */
  readonly onPause?: 'wait' | 'exit' | undefined;
  /** The first Ctrl-C: nothing new starts, hosts in flight reach a decided state. */
  readonly interrupt: AbortSignal;
  /** The second Ctrl-C: every step is let go of at once; the hosts decide by themselves. */
  readonly detach: AbortSignal;
}

/** How a run ended; its times are those of its first and its last event, as every record has them. */
export interface RunEnding extends Conclusion {
  readonly startedAt: string;
  readonly endedAt: string;
}

/**
 * The loop: decide, do, record. Inputs are worked off one at a time in the order in which they
 * come; effects run side by side. Rejects only when detached, or for a bug.
 */
export async function runPlan(options: RunOptions): Promise<RunEnding> {
  const { plan, bus } = options;
  const inbox = createInbox<RunInput>();
  const interrupt = (): void => inbox.put({ kind: 'interrupt' });
  const detach = (): void => inbox.fail(detached(plan));
  options.interrupt.addEventListener('abort', interrupt, { once: true });
  options.detach.addEventListener('abort', detach, { once: true });
  const { at: startedAt } = bus.emit({
    type: 'run-started',
    run: plan.run,
    kind: plan.kind,
    plan: planView(plan),
  });
  inbox.put({ kind: 'begin' });
  if (options.interrupt.aborted) interrupt();
  try {
    const conclusion = conclude(await workOff(options, inbox));
    const { at } = bus.emit({ type: 'run-ended', run: plan.run, startedAt, ...conclusion });
    return { ...conclusion, startedAt, endedAt: at };
  } finally {
    options.interrupt.removeEventListener('abort', interrupt);
    options.detach.removeEventListener('abort', detach);
  }
}

/** Takes the machine from its first input to its end. */
async function workOff(options: RunOptions, inbox: Inbox<RunInput>): Promise<RolloutState> {
  const { bus, detach } = options;
  const waits = new AbortController();
  let state = beginState(options.plan, options.atOnce);
  const stopBeat = options.heartbeat?.({
    claimed: () => [...state.hosts.where('claimed')].map((host) => host.plan),
    onFenced: (host, failure) => inbox.put({ kind: 'fenced', host, failure }),
  });
  const stopControl = options.control?.((request) => inbox.put(inputOf(request)));
  try {
    while (state.activity.kind !== 'ended') {
      const step = advance(state, await inbox.take());
      state = step.state;
      for (const notice of step.notices) bus.emit(notice);
      if (state.stop !== null) waits.abort();
      for (const effect of step.effects) {
        const signal = effect.kind === 'wait' ? waits.signal : detach;
        options.carryOut(effect, signal).then(inbox.put, inbox.fail);
      }
      const paused = step.notices.some((notice) => notice.type === 'paused');
      if (paused && options.onPause === 'exit') inbox.put({ kind: 'suspend' });
    }
    return state;
  } finally {
    stopBeat?.();
    stopControl?.();
  }
}

function inputOf({ action, by }: ControlRequest): RunInput {
  return action === 'abort' ? { kind: 'interrupt', by } : { kind: action, by };
}

function detached(plan: Plan): FleetError {
  return new FleetError('interrupted', `let go of run ${plan.run} while hosts were in flight`, {
    hint: `their switches take them back unless you go on: fleet resume ${plan.run}, or decide them now: fleet recover -g ${plan.group}`,
  });
}
