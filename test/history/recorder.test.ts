import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createEventBus } from '../../src/events/bus.js';
import { createHistoryRecorder } from '../../src/history/recorder.js';
import type { RunProgress } from '../../src/history/store.js';
import { QUEUE_LIMITS, type QueuedWrites, type QueueStore } from '../../src/history/write-queue.js';
import { asHostName, type HostName } from '../../src/model/names.js';
import { planView } from '../../src/model/runs/plan-view.js';
import type { HostStage } from '../../src/model/runs/run.js';
import { eventAt } from '../fixtures/events.js';
import { hostFixture as hostOf } from '../fixtures/host.js';
import { NEW, OLD, planOf } from '../fixtures/plan.js';
import { openHere } from './support/open-here.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-recorder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const shape = planOf({ waves: [1, 1] });
const [h1, h2] = [asHostName('h1'), asHostName('h2')];
const [firstHost, ...otherHosts] = shape.hosts;
if (firstHost === undefined) throw new Error('the plan has hosts');
const secretive = {
  ...hostOf('h1'),
  address: 'secret.address',
  vars: { token: 'hunter2' },
  ssh: { ...hostOf('h1').ssh, passphrase: 'env:HUNTER2' },
};
const plan = { ...shape, hosts: [{ ...firstHost, host: secretive }, ...otherHosts] };
const failure = { code: 'unit_unhealthy', message: 'died after 300 ms', stderr: ['no'] } as const;

type Listen = Parameters<ReturnType<typeof createEventBus>['subscribe']>[0];

function play(listen: Listen): void {
  const bus = createEventBus(() => new Date('2026-11-23T12:00:00Z'));
  bus.subscribe(listen);
  const { run } = plan;
  bus.emit({ type: 'preflight-started', hosts: [h1] });
  bus.emit({ type: 'run-started', run, kind: 'deploy', plan: planView(plan) });
  bus.emit({ type: 'phase-started', phase: 'wave', wave: 0, hosts: [h1] });
  bus.emit({ type: 'host-stage', host: h1, stage: 'switching', wave: 0 });
  bus.emit({ type: 'host-stage', host: h1, stage: 'reverted', wave: 0, failure });
  bus.emit({
    type: 'stopped',
    reason: { kind: 'tripped', wave: 0, failed: [h1], limit: 'wave' },
  });
  bus.emit({
    type: 'run-ended',
    run,
    state: 'rolled_back',
    exitCode: 4,
    startedAt: plan.createdAt,
    hosts: [
      { host: h1, state: 'reverted', wave: 0, from: OLD, to: NEW, error: failure },
      { host: h2, state: 'claimed', wave: 1, from: OLD, to: NEW },
    ],
  });
}

/** A store that only says what it was given, as far as `answer` lets it. */
function tellingStore(answer: () => Promise<void> = async () => undefined) {
  const written: string[] = [];
  const write = (what: string) => async () => {
    await answer();
    written.push(what);
  };
  const writes: QueuedWrites = {
    recordStart: write('start'),
    recordProgress: write('progress'),
    recordEnd: write('end'),
    putShared: write('shared'),
    removeShared: write('removed'),
  };
  const close = vi.fn(async () => undefined);
  return { written, store: { ...writes, close } satisfies QueueStore, close };
}

const never = new Promise<never>(() => undefined);
const QUICK = { ...QUEUE_LIMITS, openMs: 40, writeMs: 40, pauseMs: 1, longestPauseMs: 4 };

/** How long something took, in milliseconds. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

describe('the history recorder', () => {
  test('keeps a run with its hosts, its decisions and its end', async () => {
    const file = join(root, 'history.db');
    const recorder = createHistoryRecorder({ open: () => openHere(file) });
    play(recorder.listener);
    expect(await recorder.close(5000)).toEqual({ lacking: 0, why: null });
    const store = await openHere(file);
    const run = await store.getRun(plan.run);
    expect(run).toMatchObject({
      state: 'rolled_back',
      exitCode: 4,
      operator: 'ada@bastion',
      hosts: [
        { host: 'h1', state: 'reverted', from: OLD, to: NEW, error: failure },
        { host: 'h2', state: 'claimed' },
      ],
    });
    expect(run.events.map(({ detail }) => detail)).toEqual([
      'wave 1, 1 host',
      '1 failed host in wave 1 (canary), more than tolerated: h1',
      'rolled_back',
    ]);
    const everything = JSON.stringify([run, await store.listReleases('shop')]);
    expect(everything).not.toMatch(/hunter2|secret\.address|HUNTER2/);
    await store.close();
  });

  test('writes what hosts come to on the way, many at a time', async () => {
    vi.useFakeTimers();
    const written: unknown[] = [];
    const store = {
      recordStart: async () => void written.push('start'),
      recordProgress: async (_: string, { hosts, events }: RunProgress) =>
        void written.push([hosts.map(({ host, state }) => `${host} ${state}`), events.length]),
      recordEnd: async () => void written.push('end'),
      putShared: async () => void written.push('shared'),
      removeShared: async () => void written.push('removed'),
      close: async () => undefined,
    };
    const recorder = createHistoryRecorder({ open: async () => store });
    const at = plan.createdAt;
    const view = planView(plan);
    recorder.listener(
      eventAt(at, { type: 'run-started', run: plan.run, kind: 'deploy', plan: view }),
    );
    const stage = (host: HostName, stage: HostStage) =>
      recorder.listener(eventAt(at, { type: 'host-stage', host, stage, wave: 0 }));
    stage(h1, 'switching');
    stage(h1, 'done');
    await vi.advanceTimersByTimeAsync(400);
    stage(h2, 'failed');
    expect(written).toEqual(['start']);
    await vi.advanceTimersByTimeAsync(100);
    expect(written.slice(1)).toEqual([[['h1 done', 'h2 failed'], 0]]);
    stage(h2, 'reverted');
    const closing = recorder.close(1000);
    await vi.advanceTimersByTimeAsync(100);
    await closing;
    expect(written.slice(2)).toEqual([[['h2 reverted'], 0]]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('does not wait at all for a store that cannot be opened', async () => {
    const open = async () => {
      throw new Error('connection refused');
    };
    const recorder = createHistoryRecorder({ open });
    expect(await took(async () => play(recorder.listener))).toBeLessThan(1000);
    expect(await recorder.close(60_000)).toEqual({ lacking: 3, why: 'connection refused' });
  });

  test('waits no longer than it is told for a store that hangs, and closes one that opens too late', async () => {
    const { store, close } = tellingStore();
    let opened: (store: QueueStore) => void = () => undefined;
    const open = () => new Promise<QueueStore>((resolve) => (opened = resolve));
    const recorder = createHistoryRecorder({ open });
    play(recorder.listener);
    const end = await recorder.close(100);
    expect(end).toEqual({ lacking: 3, why: 'no answer within 0.1 s' });
    opened(store);
    await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
  });

  test('waits no longer than it is told for a store that hangs as it writes, or as it closes', async () => {
    const { store } = tellingStore(() => never);
    const hanging = createHistoryRecorder({ open: async () => store });
    play(hanging.listener);
    expect(await hanging.close(100)).toMatchObject({ lacking: 3 });
    const slow = tellingStore();
    const recorder = createHistoryRecorder({
      open: async () => ({ ...slow.store, close: () => never }),
    });
    play(recorder.listener);
    expect(await recorder.close(100)).toEqual({ lacking: 0, why: null });
    expect(slow.written).toEqual(['start', 'progress', 'end']);
  });

  test('goes on with a new connection where a write fails or is not answered', async () => {
    let answers = 0;
    const { store, written, close } = tellingStore(async () => {
      answers += 1;
      if (answers === 2) throw new Error('connection reset');
      if (answers === 4) await never;
    });
    const open = vi.fn(async () => store);
    const recorder = createHistoryRecorder({ open, limits: QUICK });
    play(recorder.listener);
    expect(await recorder.close(5000)).toEqual({ lacking: 0, why: null });
    expect(written).toEqual(['start', 'progress', 'end']);
    expect(open).toHaveBeenCalledTimes(3);
    expect(close).toHaveBeenCalledTimes(3);
  });

  test('writes everything once a store is there again', async () => {
    const { store, written } = tellingStore();
    let isThere = false;
    const open = vi.fn(async () => {
      if (isThere) return store;
      throw new Error('connection refused');
    });
    const recorder = createHistoryRecorder({ open, limits: QUICK });
    play(recorder.listener);
    await vi.waitFor(() => expect(open.mock.calls.length).toBeGreaterThan(3));
    isThere = true;
    await vi.waitFor(() => expect(written).toEqual(['start', 'progress', 'end']));
    expect(await recorder.close(5000)).toEqual({ lacking: 0, why: null });
  });

  test('leaves out a write that the store refuses again and again, and writes the others', async () => {
    const { store, written } = tellingStore();
    const refuses = async () => {
      throw new Error('value too long');
    };
    const open = async () => ({ ...store, recordProgress: refuses });
    const recorder = createHistoryRecorder({ open, limits: QUICK });
    play(recorder.listener);
    expect(await recorder.close(5000)).toEqual({ lacking: 1, why: 'value too long' });
    expect(written).toEqual(['start', 'end']);
  });

  test.each([
    ['entries', { entries: 10 }],
    ['bytes', { bytes: 10_000 }],
  ])(
    'keeps no more %s than it may while it waits, and never leaves out start or end',
    async (_, few) => {
      let open: (store: QueueStore) => void = () => undefined;
      const opening = new Promise<QueueStore>((resolve) => (open = resolve));
      const recorder = createHistoryRecorder({
        open: () => opening,
        limits: { ...QUEUE_LIMITS, ...few },
      });
      vi.useFakeTimers({ toFake: ['setTimeout'] });
      const at = plan.createdAt;
      const started = { type: 'run-started', run: plan.run, kind: 'deploy' } as const;
      recorder.listener(eventAt(at, { ...started, plan: planView(plan) }));
      for (let n = 0; n < 100; n += 1) {
        recorder.listener(eventAt(at, { type: 'warning', message: `${n}` }));
        vi.advanceTimersByTime(500);
      }
      vi.useRealTimers();
      const { exitCode, state } = { exitCode: 0, state: 'succeeded' } as const;
      const ended = { type: 'run-ended', run: plan.run, startedAt: at, hosts: [] } as const;
      recorder.listener(eventAt(at, { ...ended, exitCode, state }));
      const { store, written } = tellingStore();
      open(store);
      const { lacking } = await recorder.close(5000);
      expect(lacking).toBeGreaterThan(50);
      expect(written.length + lacking).toBe(103);
      expect([written[0], written.at(-1)]).toEqual(['start', 'end']);
    },
  );
});
