import { expect, test } from 'vitest';
import { createUploadProgress } from '../../../src/engine/run/calls/upload-progress.js';
import { createEventBus } from '../../../src/events/bus.js';
import type { EventOf } from '../../../src/events/event.js';
import { asHostName } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import { planOf } from '../../fixtures/plan.js';
import { createHandClock } from '../support/hand-clock.js';

const [H1, H2] = [asHostName('h1'), asHostName('h2')];

function progressOf(plan: Plan) {
  const clock = createHandClock();
  const bus = createEventBus(clock.now);
  const told: EventOf<'upload-progress'>[] = [];
  bus.subscribe((event) => {
    if (event.type === 'upload-progress') told.push(event);
  });
  return { told, clock, progress: createUploadProgress(plan, { bus, clock }) };
}

const PLAN: Plan = { ...planOf({ waves: [2], upload: true }), uploadBytes: 1_000 };

test('what was sent to all hosts is told about every two seconds, however often they are sent to', async () => {
  const { told, clock, progress } = progressOf(PLAN);
  for (let piece = 1; piece <= 100; piece += 1) {
    progress.at(H1, piece * 5);
    progress.at(H2, piece * 3);
    await clock.pass(50);
  }
  expect(told.map(({ sentBytes, totalBytes }) => ({ sentBytes, totalBytes }))).toEqual([
    { sentBytes: 325, totalBytes: 2_000 },
    { sentBytes: 645, totalBytes: 2_000 },
  ]);
});

test('a short upload is not told of', async () => {
  const { told, clock, progress } = progressOf(PLAN);
  progress.at(H1, 500);
  await clock.pass(1_900);
  progress.at(H1, 1_000);
  expect(told).toEqual([]);
});

test('a host that gets it again from the start is counted once, and never more than there is', async () => {
  const { told, clock, progress } = progressOf(PLAN);
  progress.at(H1, 900);
  await clock.pass(2_000);
  progress.at(H1, 100);
  await clock.pass(2_000);
  progress.at(H1, 9_000);
  expect(told.map(({ sentBytes, totalBytes }) => [sentBytes, totalBytes])).toEqual([
    [100, 2_000],
    [9_000, 9_000],
  ]);
});

test('what hosts fetch themselves is not counted, and a delta by its own size', async () => {
  const pull = { url: 'https://x/y', put: null, upload: null, when: 'always', egress: 1 } as const;
  const settings = { ...pull, budgetMs: 1, caFile: null, onFailure: 'push' } as const;
  const app = { ...PLAN.app, release: { ...PLAN.app.release, pull: settings } };
  const [first, ...others] = PLAN.hosts;
  if (first === undefined) throw new Error('no hosts');
  const delta = { base: first.to, digest: 'sha256:a', bytes: 70 };
  const { told, clock, progress } = progressOf({
    ...PLAN,
    app,
    hosts: [{ ...first, delta }, ...others],
  });
  progress.at(H1, 10);
  await clock.pass(2_000);
  progress.at(H1, 20);
  expect(told).toMatchObject([{ sentBytes: 20, totalBytes: 70 }]);
});
