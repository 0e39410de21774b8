import { expect, test } from 'vitest';
import { createEventBus } from '../../src/events/bus.js';
import type { FleetEvent } from '../../src/events/event.js';

const busAtNoon = () => createEventBus(() => new Date('2026-03-01T12:00:00.000Z'));

test('every reader hears every event with its time, in order, until its subscription ends', () => {
  const bus = busAtNoon();
  const heard: string[] = [];
  const end = bus.subscribe(({ type, at }) => heard.push(`a ${type} ${at}`));
  bus.subscribe(({ type }) => heard.push(`b ${type}`));
  bus.emit({ type: 'preflight-started', hosts: [] });
  end();
  bus.emit({ type: 'warning', message: 'late' });
  expect(heard).toEqual([
    'a preflight-started 2026-03-01T12:00:00.000Z',
    'b preflight-started',
    'b warning',
  ]);
});

test('a reader that throws is told of once and hears nothing more; the others and the run go on', () => {
  const bus = busAtNoon();
  const heard: FleetEvent[] = [];
  let calls = 0;
  bus.subscribe(() => {
    calls += 1;
    throw new Error('no such channel');
  });
  bus.subscribe((event) => heard.push(event));
  bus.emit({ type: 'preflight-started', hosts: [] });
  bus.emit({ type: 'preflight-started', hosts: [] });
  expect(calls).toBe(1);
  expect(heard.map((event) => (event.type === 'warning' ? event.message : event.type))).toEqual([
    'preflight-started',
    'a reader of the events has failed: no such channel',
    'preflight-started',
  ]);
});
