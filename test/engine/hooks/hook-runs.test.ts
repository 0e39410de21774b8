import { expect, test } from 'vitest';
import { hookRuns } from '../../../src/engine/hooks/hook-runs.js';
import type { FleetEvent, FleetEventBody } from '../../../src/events/event.js';
import { asHostName, asRunId } from '../../../src/model/names.js';
import { hookFixture } from '../../fixtures/hooks.js';

const run = asRunId('20261130T113034Z-6a11');
const web01 = asHostName('web01');
const hooks = [hookFixture('before_activate', { per: 'run' })];
const about = {
  key: 'before_activate-1.1',
  hook: 'before_activate-1',
  name: 'migrate',
  turn: 'before_activate-1',
  attempt: 1,
  host: web01,
} as const;
const started = { type: 'hook-started', ...about, where: 'host', wave: null } as const;
const ended = (end: 'ok' | 'interrupted') =>
  ({ type: 'hook-ended', ...about, ms: 40, end, ifFails: 'stop-run', failure: null }) as const;

const journal = (...bodies: readonly FleetEventBody[]): readonly FleetEvent[] =>
  bodies.map((body, seq) => ({ at: `2026-11-30T11:30:0${seq}Z`, run, seq, ...body }));

test('a hook that began and whose end is in no journal has no end', () => {
  expect(hookRuns(journal(started), hooks)).toMatchObject([
    { name: 'migrate', point: 'before_activate', per: 'run', host: 'web01', end: null, ms: null },
  ]);
});

test('a hook whose end a later controller has asked for ran once, and how long is not known', () => {
  expect(hookRuns(journal(started, started, ended('ok')), hooks)).toMatchObject([
    { startedAt: '2026-11-30T11:30:00Z', end: 'ok', ms: null },
  ]);
});

test('what a person said of an interrupted hook is with the run that it is about', () => {
  const settled = { type: 'hook-settled', run, turn: about.turn, how: 'again', by: 'ada' } as const;
  const second = { key: 'before_activate-1.2', attempt: 2 };
  const events = journal(
    started,
    ended('interrupted'),
    settled,
    { ...started, ...second },
    { ...ended('ok'), ...second },
  );
  expect(hookRuns(events, hooks)).toMatchObject([
    { attempt: 1, end: 'interrupted', ms: 40, settled: { how: 'again', by: 'ada' } },
    { attempt: 2, end: 'ok', ms: 40, settled: null },
  ]);
});

test('a hook of each host and one of each wave are told apart', () => {
  const ofHost = {
    ...started,
    key: 'before_activate-1.txn',
    turn: 'before_activate-1.txn',
    wave: 0,
  };
  const ofWave = { ...started, turn: 'before_activate-1.wave1', wave: 0 };
  expect(hookRuns(journal(ofHost, ofWave), []).map(({ per, point }) => [per, point])).toEqual([
    ['host', null],
    ['wave', null],
  ]);
});
