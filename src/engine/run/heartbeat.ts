import { setMaxListeners } from 'node:events';
import type { HostFailure } from '../../errors/host-failure.js';
import type { EventBus } from '../../events/bus.js';
import { VERB_TRAITS } from '../../host/protocol/verb-traits.js';
import type { Clock } from '../../model/clock.js';
import type { HostName } from '../../model/names.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { isFenced } from '../../rollout/fencing.js';
import type { Caller } from './calls/caller.js';
import { describeRenewal } from './calls/effect-table.js';
import { LEASE_LOST, type Lease } from './calls/lease.js';

export interface HeartbeatOptions {
  readonly plan: Plan;
  /** Sends nothing once the lease is lost. */
  readonly call: Caller;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly lease: Lease;
  /** Whether the run's lock on this bastion is still its own. */
  readonly hasLock: () => boolean;
}

/** What a heartbeat needs from its run. */
export interface HeartbeatRun {
  /** The hosts whose claims are held now. */
  claimed(): readonly HostPlan[];
  /** Another run has a host, or may have it. */
  onFenced(host: HostName, failure: HostFailure): void;
}

/** Starts the heartbeat. Returns the function that ends it. */
export type Heartbeat = (run: HeartbeatRun) => () => void;

/**
 * Renews the claims of hosts that got no call of the run for a third of the lease. Most runs are over
 * before that, and send nothing.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  return (run) => {
    const stop = new AbortController();
    // Node warns of a leak above ten listeners, and every renewal in flight is one.
    setMaxListeners(0, stop.signal);
    const heardAt = watchRenewals(options, stop.signal);
    void beat(options, { run, heardAt, signal: stop.signal });
    return () => stop.abort();
  };
}

interface Beat {
  readonly run: HeartbeatRun;
  readonly heardAt: Map<HostName, number>;
  readonly signal: AbortSignal;
}

function watchRenewals({ bus, clock }: HeartbeatOptions, signal: AbortSignal) {
  const heardAt = new Map<HostName, number>();
  const unsubscribe = bus.subscribe((event) => {
    if (event.type !== 'step-ended' || event.failure !== null) return;
    if (event.verbs.some((verb) => VERB_TRAITS[verb].renewsLease)) {
      heardAt.set(event.host, clock.monotonicMs());
    }
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
  return heardAt;
}

async function beat(options: HeartbeatOptions, { run, heardAt, signal }: Beat): Promise<void> {
  const { clock, lease, plan } = options;
  const { leaseMs } = plan.app.policy;
  const underWay = new Set<HostName>();
  for (;;) {
    await clock.sleep(leaseMs / 6, signal);
    if (signal.aborted) return;
    lease.beat();
    if (!options.hasLock()) lease.lose();
    if (!lease.held) {
      for (const { host } of run.claimed()) run.onFenced(host.name, LEASE_LOST);
      return;
    }
    const due = run.claimed().filter(({ host: { name } }) => {
      const since = clock.monotonicMs() - (heardAt.get(name) ?? Number.NEGATIVE_INFINITY);
      return since >= leaseMs / 3 && !underWay.has(name);
    });
    for (const host of due) {
      const { name } = host.host;
      underWay.add(name);
      void renew(options, host, signal).then((failure) => {
        underWay.delete(name);
        if (failure === null) heardAt.set(name, clock.monotonicMs());
        else if (isFenced(failure) && !signal.aborted) run.onFenced(name, failure);
      });
    }
  }
}

/** Null if the claim was renewed. A host that cannot be reached is asked again at the next heartbeat. */
async function renew(
  { plan, call }: HeartbeatOptions,
  host: HostPlan,
  signal: AbortSignal,
): Promise<HostFailure | null> {
  try {
    const outcome = await call(describeRenewal(plan, host), signal);
    return outcome.kind === 'ok' ? null : outcome.failure;
  } catch (error) {
    // The run is over: nothing is renewed any more.
    if (signal.aborted) return null;
    throw error;
  }
}
