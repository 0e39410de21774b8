import { FleetError } from '../../errors/fleet-error.js';
import type { EventBus } from '../../events/bus.js';
import type { Clock } from '../../model/clock.js';
import { whereFlags } from '../../model/releases/where.js';
import type { ControlRequest } from '../../model/runs/control.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';
import { type Conclusion, conclude } from '../../rollout/conclude.js';
import { advance } from '../../rollout/machine.js';
import type { Effect } from '../../rollout/state/effect.js';
import type { RunInput } from '../../rollout/state/input.js';
import { beginState, type RolloutState } from '../../rollout/state/state.js';
import type { Heartbeat } from './heartbeat.js';
import { createInbox, type Inbox } from './inbox.js';

/** Carries out one effect and resolves with its input. Never rejects for what a host does. */
export type CarryOut = (effect: Effect, signal: AbortSignal) => Promise<RunInput>;

export interface RunOptions {
  readonly plan: Plan;
  readonly bus: EventBus;
  readonly carryOut: CarryOut;
  readonly clock: Clock;
  /** Keeps the claims alive; absent if nothing can outlast a lease. */
  readonly heartbeat?: Heartbeat | undefined;
  /** Passes on requests of people while the run lasts. Returns the function that ends it. */
  readonly control?: ((tell: (request: ControlRequest) => void) => () => void) | undefined;
  /** How many hosts are worked on at once. Default: all. */
  readonly atOnce?: number | undefined;
  /** What a pause does: wait to be resumed, or end so that the run can be. Default `wait`. */
  readonly onPause?: 'wait' | 'exit' | undefined;
  /** The first Ctrl-C: nothing new starts, hosts in flight are finished first. */
  readonly interrupt: AbortSignal;
  /** The second Ctrl-C: disconnects from every step at once; the hosts settle automatically. */
  readonly detach: AbortSignal;
}

/** How a run ended. Its times are those of its first and last event, the same in every record. */
export interface RunEnding extends Conclusion {
  readonly startedAt: string;
  readonly endedAt: string;
}

/**
 * The main loop: take an input, advance the machine, start its effects. Inputs are handled one at a time
 * in order; effects run concurrently. Rejects only when disconnected, or for a bug.
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

function inputOf({ action, by, reason }: ControlRequest): RunInput {
  const from = { by, ...(reason === undefined ? {} : { reason }) };
  return action === 'abort' ? { kind: 'interrupt', ...from } : { kind: action, ...from };
}

function detached(plan: Plan): FleetError {
  return new FleetError(
    'interrupted',
    `disconnected from run ${plan.run} while hosts were being updated`,
    {
      hint: `those hosts roll back automatically unless you continue the run: fleet resume ${plan.run}; to settle them now: fleet recover ${whereFlags(plan.app, plan.group)}`,
    },
  );
}
