import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { HostFailure } from '../errors/host-failure.js';
import type { EventBus } from '../events/bus.js';
import type { HostClient } from '../host/client.js';
import { renewStep } from '../host/steps.js';
import type { Clock } from '../model/clock.js';
import type { HostName } from '../model/names.js';
import type { HostPlan, Plan } from '../model/plan.js';
import type { Verb } from '../model/verb.js';
import { isFenced } from '../rollout/fencing.js';
import { LEASE_LOST, type Lease } from './lease.js';

export interface HeartbeatOptions {
  readonly plan: Plan;
  readonly clients: ReadonlyMap<HostName, HostClient>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly lease: Lease;
  /** Whether the run's lock on this bastion is still its own. */
  readonly hasLock: () => boolean;
}

/** What a heartbeat asks of the run that it keeps alive. */
export interface HeartbeatRun {
  /** The hosts whose claims are held now. */
  claimed(): readonly HostPlan[];
  /** A host is another run's, or may be. */
  onFenced(host: HostName, failure: HostFailure): void;
}

/** Starts the beat; gives back what ends it. */
export type Heartbeat = (run: HeartbeatRun) => () => void;

/** Steps by which a host hears of its owner. */
const RENEWING: ReadonlySet<Verb> = new Set<Verb>(['claim', 'adopt', 'renew', 'arm', 'confirm']);
const RENEWALS_AT_ONCE = 16;

/**
 * Renews the claims of hosts that have not heard of the run for a third of the lease. Most runs are
 * over before that, and send nothing.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  return (run) => {
    const stop = new AbortController();
    // Node warns of a leak where more than ten listen, and every renewal under way does.
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
    if (!event.verbs.some((verb) => RENEWING.has(verb))) return;
    heardAt.set(event.host, clock.monotonicMs());
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
  return heardAt;
}

async function beat(options: HeartbeatOptions, { run, heardAt, signal }: Beat): Promise<void> {
  const { clock, lease, plan } = options;
  const { leaseMs } = plan.app.policy;
  const limit = pLimit(RENEWALS_AT_ONCE);
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
      void limit(() => renew(options, host, signal)).then((failure) => {
        underWay.delete(name);
        if (failure === null) heardAt.set(name, clock.monotonicMs());
        else if (isFenced(failure) && !signal.aborted) run.onFenced(name, failure);
      });
    }
  }
}

/** Null where the host has heard; what can not be reached is asked again at the next beat. */
async function renew(
  { plan, clients, lease }: HeartbeatOptions,
  { host, epoch, txn }: HostPlan,
  signal: AbortSignal,
): Promise<HostFailure | null> {
  const { leaseMs } = plan.app.policy;
  const client = clients.get(host.name);
  if (client === undefined) throw new Error(`no client for host ${host.name}`);
  if (!lease.held || signal.aborted) return null;
  const by = { epoch, run: plan.run, txn };
  const outcome = await client.run([renewStep(by, leaseMs)], { timeoutMs: leaseMs / 3, signal });
  return outcome.kind === 'ok' ? null : outcome.failure;
}
