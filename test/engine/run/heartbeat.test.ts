import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { createCaller } from '../../../src/engine/run/calls/caller.js';
import { describeSteps, type HostCall } from '../../../src/engine/run/calls/host-call.js';
import { Lease } from '../../../src/engine/run/calls/lease.js';
import { createHeartbeat } from '../../../src/engine/run/heartbeat.js';
import { createEventBus } from '../../../src/events/bus.js';
import type { CallOutcome, HostClient } from '../../../src/host/client.js';
import { createHostClients } from '../../../src/host/clients.js';
import { statusStep } from '../../../src/host/steps/steps.js';
import { asHostName, type HostName } from '../../../src/model/names.js';
import { planOf } from '../../fixtures/plan.js';
import { createHandClock } from '../support/hand-clock.js';

const OK: CallOutcome = { kind: 'ok', events: [], replies: [] };
const FENCED: CallOutcome = {
  kind: 'failed',
  failure: { code: 'fenced', message: 'epoch 2 is older than 3' },
  events: [],
  replies: [],
};

const SERVICE = { units: [], action: 'none', scope: 'system' } as const;

const statusCall = (host: HostName): HostCall => ({
  kind: 'work',
  host,
  txn: 't',
  steps: describeSteps(() => [statusStep(SERVICE)]),
  limits: { timeoutMs: 1, patienceMs: 0 },
  payload: null,
});

/** A run of two hosts with a lease of a minute, and what was sent to them. */
function stage(answer: CallOutcome = OK) {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const plan = planOf({ waves: [2], policy: { leaseMs: 60_000 } });
  const sent: { readonly at: number; readonly host: string; readonly verb: string }[] = [];
  const client = (host: string): HostClient => ({
    run: async (steps) => {
      sent.push({ at: clock.monotonicMs() - 1_000_000, host, verb: steps[0]?.verb ?? '' });
      return answer;
    },
  });
  const clients = createHostClients(plan.hosts.map(({ host }) => [host.name, client(host.name)]));
  const lease = new Lease(clock, 60_000);
  const call = createCaller({ clients, bus, clock, lease, random: () => 0.5, limit: pLimit(1) });
  const fenced: HostName[] = [];
  let locked = true;
  const beat = createHeartbeat({ plan, call, bus, clock, lease, hasLock: () => locked });
  const stop = beat({ claimed: () => plan.hosts, onFenced: (host) => void fenced.push(host) });
  const loseLock = (): void => {
    locked = false;
  };
  return { clock, bus, plan, call, lease, sent, fenced, stop, loseLock };
}

test('claims are renewed every third of the lease, and not before', async () => {
  const { clock, bus, sent, stop } = stage();
  for (const host of ['h1', 'h2']) {
    const verbs = ['arm', 'activate', 'verify'] as const;
    bus.emit({ type: 'step-ended', host: asHostName(host), verbs, txn: 't', ms: 1, failure: null });
  }
  await clock.pass(19_000);
  expect(sent).toEqual([]);
  await clock.pass(45_000);
  stop();
  expect(sent.map(({ at, verb }) => [at, verb])).toEqual([
    [20_000, 'renew'],
    [20_000, 'renew'],
    [40_000, 'renew'],
    [40_000, 'renew'],
    [60_000, 'renew'],
    [60_000, 'renew'],
  ]);
});

test('nothing is sent once the run is over', async () => {
  const { clock, sent, stop } = stage();
  stop();
  await clock.pass(120_000);
  expect(sent).toEqual([]);
});

test('a host that answers that another run has it is reported', async () => {
  const { clock, fenced, stop } = stage(FENCED);
  await clock.pass(11_000);
  stop();
  expect(fenced).toEqual(['h1', 'h2']);
});

test('a run whose lock on the bastion was taken has lost its lease', async () => {
  const { clock, lease, loseLock, sent, fenced, stop } = stage();
  loseLock();
  await clock.pass(11_000);
  stop();
  expect(lease.held).toBe(false);
  expect(fenced).toEqual(['h1', 'h2']);
  expect(sent).toEqual([]);
});

test('a process that was suspended for two thirds of its lease sends nothing more', async () => {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const lease = new Lease(clock, 60_000);
  const run = async (): Promise<CallOutcome> => expect.unreachable('nothing is to be sent');
  const host = asHostName('h1');
  const call = createCaller({
    clients: createHostClients([[host, { run }]]),
    bus,
    clock,
    lease,
    random: () => 0.5,
    limit: (task) => task(),
  });
  await clock.pass(40_001);
  const outcome = await call(statusCall(host), new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'lease_lost' } });
  lease.beat();
  expect(lease.held).toBe(false);
});

test('an event reports a step before it is sent', async () => {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const host = asHostName('h1');
  const order: string[] = [];
  bus.subscribe(({ type }) => void order.push(type));
  const run = async (): Promise<CallOutcome> => {
    order.push('sent');
    return OK;
  };
  const clients = createHostClients([[host, { run }]]);
  const call = createCaller({ clients, bus, clock, random: () => 0.5, limit: (task) => task() });
  await call(statusCall(host), new AbortController().signal);
  expect(order).toEqual(['stream-started', 'step-sent', 'sent', 'step-ended']);
});

test('a renewal does not wait behind the calls of the work', async () => {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const lease = new Lease(clock, 60_000);
  const plan = planOf({ waves: [3], policy: { leaseMs: 60_000 } });
  const sent: string[] = [];
  const clients = createHostClients(
    plan.hosts.map(({ host }) => {
      // The upload takes longer than any lease.
      const run: HostClient['run'] = ([step]) => {
        sent.push(`${step?.verb} ${host.name}`);
        return step?.verb === 'renew' ? Promise.resolve(OK) : new Promise(() => undefined);
      };
      return [host.name, { run }];
    }),
  );
  const call = createCaller({ clients, bus, clock, lease, random: () => 0.5, limit: pLimit(1) });
  const { signal } = new AbortController();
  for (const { host } of plan.hosts) void call(statusCall(host.name), signal);
  const beat = createHeartbeat({ plan, call, bus, clock, lease, hasLock: () => true });
  const stop = beat({ claimed: () => plan.hosts, onFenced: expect.unreachable });
  await clock.pass(11_000);
  stop();
  expect(sent).toEqual(['status h1', 'renew h1', 'renew h2', 'renew h3']);
});

test('no event reports a renewal', async () => {
  const { clock, bus, sent, stop } = stage();
  const told: string[] = [];
  bus.subscribe(({ type }) => void told.push(type));
  await clock.pass(11_000);
  stop();
  expect(sent.map(({ verb }) => verb)).toEqual(['renew', 'renew']);
  expect(told).toEqual(['stream-started']);
});

test('the end of a run ends its renewals, those under way and those that wait, without an error', async () => {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const lease = new Lease(clock, 60_000);
  const plan = planOf({ waves: [40], policy: { leaseMs: 60_000 } });
  let answer = (): void => undefined;
  const answered = new Promise<CallOutcome>((resolve) => {
    answer = () => resolve(FENCED);
  });
  let sent = 0;
  const run = (): Promise<CallOutcome> => {
    sent += 1;
    return answered;
  };
  const clients = createHostClients(plan.hosts.map(({ host }) => [host.name, { run }]));
  const call = createCaller({ clients, bus, clock, lease, random: () => 0.5, limit: pLimit(1) });
  const beat = createHeartbeat({ plan, call, bus, clock, lease, hasLock: () => true });
  const stop = beat({ claimed: () => plan.hosts, onFenced: expect.unreachable });
  await clock.pass(11_000);
  stop();
  answer();
  await clock.pass(11_000);
  expect(sent).toBe(16);
});
