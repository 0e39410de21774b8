import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createEventBus } from '../../src/events/bus.js';
import { createHistoryRecorder } from '../../src/history/recorder.js';
import type { RunProgress } from '../../src/history/store.js';
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

function play(listen: Parameters<ReturnType<typeof createEventBus>['subscribe']>[0]): void {
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

describe('the history recorder', () => {
  test('keeps a run with its hosts, its decisions and its end', async () => {
    const file = join(root, 'history.db');
    const store = await openHere(file);
    const recorder = createHistoryRecorder(store, (message) => expect.unreachable(message));
    play(recorder.listener);
    await recorder.flush();
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
    };
    const unused = await openHere(join(root, 'unused.db'));
    const recorder = createHistoryRecorder({ ...unused, ...store }, (message) =>
      expect.unreachable(message),
    );
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
    await recorder.flush();
    expect(written.slice(2)).toEqual([[['h2 reverted'], 0]]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await unused.close();
  });

  test('warns once and lets the run go on where the store fails', async () => {
    const store = await openHere(join(root, 'closed.db'));
    await store.close();
    const warnings: string[] = [];
    const recorder = createHistoryRecorder(store, (message) => warnings.push(message));
    play(recorder.listener);
    await recorder.flush();
    expect(warnings).toEqual([expect.stringContaining('the history is incomplete: ')]);
  });
});
