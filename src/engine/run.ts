import { FleetError } from '../errors/fleet-error.js';
import type { EventBus } from '../events/bus.js';
import type { Clock } from '../model/clock.js';
import type { Plan } from '../model/plan.js';
import { type Conclusion, conclude } from '../rollout/conclude.js';
import type { Effect } from '../rollout/effect.js';
import type { RunInput } from '../rollout/input.js';
import { advance } from '../rollout/machine.js';
import { beginState } from '../rollout/state.js';

/** Carries one effect out and answers with the one input it ends in. Never rejects for what a host does. */
export type CarryOut = (effect: Effect, signal: AbortSignal) => Promise<RunInput>;

export interface RunOptions {
  readonly plan: Plan;
  readonly bus: EventBus;
  readonly carryOut: CarryOut;
  readonly clock: Clock;
  /** The first Ctrl-C: nothing new starts, hosts in flight reach a decided state. */
  readonly interrupt: AbortSignal;
  /** The second Ctrl-C: every step is let go of at once; the hosts decide by themselves. */
  readonly detach: AbortSignal;
}

/**
 * The loop: decide, do, record. Inputs are worked off one at a time in the order in which they
 * come; effects run side by side. Rejects only when detached, or for a bug.
 */
export async function runPlan(options: RunOptions): Promise<Conclusion> {
  const { plan, bus } = options;
  const startedAt = options.clock.now().toISOString();
  const waits = new AbortController();
  const inbox = createInbox();
  const interrupt = (): void => inbox.put({ kind: 'interrupt' });
  options.interrupt.addEventListener('abort', interrupt, { once: true });
  options.detach.addEventListener('abort', () => inbox.fail(detached(plan)), { once: true });
  bus.emit({ type: 'run-started', run: plan.run, kind: plan.kind, plan });
  inbox.put({ kind: 'begin' });
  if (options.interrupt.aborted) interrupt();

  let state = beginState(plan);
  while (state.activity.kind !== 'ended') {
    const step = advance(state, await inbox.take());
    state = step.state;
    for (const notice of step.notices) bus.emit(notice);
    if (state.stop !== null) waits.abort();
    for (const effect of step.effects) {
      const signal = effect.kind === 'wait' ? waits.signal : options.detach;
      options.carryOut(effect, signal).then(inbox.put, inbox.fail);
    }
  }
  options.interrupt.removeEventListener('abort', interrupt);
  const conclusion = conclude(state);
  bus.emit({ type: 'run-ended', run: plan.run, startedAt, ...conclusion });
  return conclusion;
}

function detached(plan: Plan): FleetError {
  return new FleetError('interrupted', `let go of run ${plan.run} while hosts were in flight`, {
    hint: `their steps go on there, and they stay claimed: fleet recover -g ${plan.group}`,
  });
}

interface Inbox {
  readonly put: (input: RunInput) => void;
  readonly fail: (reason: unknown) => void;
  take(): Promise<RunInput>;
}

function createInbox(): Inbox {
  const waiting: RunInput[] = [];
  let failure: { readonly reason: unknown } | null = null;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    put(input) {
      waiting.push(input);
      notify();
    },
    fail(reason) {
      failure ??= { reason };
      notify();
    },
    async take() {
      for (;;) {
        if (failure !== null) throw failure.reason;
        const input = waiting.shift();
        if (input !== undefined) return input;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
