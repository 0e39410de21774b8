import { describe, expect, test } from 'vitest';
import { createEventBus } from '../../src/events/bus.js';
import { EVENTS_VERSION, type FleetEvent } from '../../src/events/event.js';
import { asRunId } from '../../src/model/names.js';
import { planView } from '../../src/model/runs/plan-view.js';
import { planOf } from '../fixtures/plan.js';

const busAtNoon = () => createEventBus(() => new Date('2026-03-01T12:00:00.000Z'));

test('every reader gets every event with its time, in order, until its subscription ends', () => {
  const bus = busAtNoon();
  const heard: string[] = [];
  const end = bus.subscribe(({ type, at }) => heard.push(`a ${type} ${at}`));
  bus.subscribe(({ type }) => heard.push(`b ${type}`));
  bus.emit({ type: 'preflight-started', hosts: [] });
  end();
  bus.emit({ type: 'warning', message: 'late' });
  expect(heard).toEqual([
    'a stream-started 2026-03-01T12:00:00.000Z',
    'b stream-started',
    'a preflight-started 2026-03-01T12:00:00.000Z',
    'b preflight-started',
    'b warning',
  ]);
});

test('a reader that throws is reported once and gets nothing more; the others and the run continue', () => {
  const bus = busAtNoon();
  const heard: FleetEvent[] = [];
  let calls = 0;
  bus.subscribe(({ type }) => {
    if (type === 'stream-started') return;
    calls += 1;
    throw new Error('no such channel');
  });
  bus.subscribe((event) => heard.push(event));
  bus.emit({ type: 'preflight-started', hosts: [] });
  bus.emit({ type: 'preflight-started', hosts: [] });
  expect(calls).toBe(1);
  expect(heard.map((event) => (event.type === 'warning' ? event.message : event.type))).toEqual([
    'stream-started',
    'preflight-started',
    'a reader of the events has failed: no such channel',
    'preflight-started',
  ]);
});

describe('what a consumer can rely on', () => {
  const run = asRunId('20260301T120000Z-0001');
  const started = {
    type: 'run-started',
    run,
    kind: 'deploy',
    plan: planView(planOf({ waves: [1] })),
  };

  test('the head of a stream says its version, also to a reader that joins late', () => {
    const bus = busAtNoon();
    bus.emit({ type: 'preflight-started', hosts: [] });
    const late: FleetEvent[] = [];
    bus.subscribe((event) => late.push(event));
    bus.emit({ type: 'warning', message: 'one' });
    expect(late).toMatchObject([
      { type: 'stream-started', schemaVersion: EVENTS_VERSION, seq: 0 },
      { type: 'warning', seq: 2 },
    ]);
  });

  test('events are numbered from 0 without gaps, in the order in which every reader gets them', () => {
    const bus = busAtNoon();
    const first: number[] = [];
    const second: number[] = [];
    bus.subscribe(({ type, seq }) => {
      first.push(seq);
      if (type === 'preflight-started') bus.emit({ type: 'warning', message: 'disk full' });
    });
    bus.subscribe(({ seq }) => second.push(seq));
    bus.emit({ type: 'preflight-started', hosts: [] });
    bus.emit({ type: 'preflight-started', hosts: [] });
    expect(first).toEqual([0, 1, 2, 3, 4]);
    expect(second).toEqual([0, 1, 2, 3, 4]);
  });

  test('events have no run until it has begun, and its id from then on', () => {
    const bus = busAtNoon();
    const runs: (string | null)[] = [];
    bus.subscribe((event) => runs.push(event.run));
    bus.emit({ type: 'preflight-started', hosts: [] });
    bus.emit({ ...started, type: 'run-started', kind: 'deploy' });
    bus.emit({ type: 'warning', message: 'late' });
    expect(runs).toEqual([null, null, run, run]);
  });
});
