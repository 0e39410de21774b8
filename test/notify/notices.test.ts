import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../src/events/event.js';
import { asHostName } from '../../src/model/names.js';
import { isAsked } from '../../src/model/runs/notices.js';
import { MOST_HOSTS, noticeSchema } from '../../src/notify/notice.js';
import { begunState, leftNotice, noticeOf } from '../../src/notify/notices.js';
import { syntheticRun } from '../ui/support/synthetic-run.js';
import { noticeOfRun, noticesOf, noticesOfRun } from './support/notices.js';

const kindsOf = (...run: Parameters<typeof noticesOfRun>) =>
  noticesOfRun(...run).map(({ kind }) => kind);

describe('people are told few things of a run', () => {
  test.each([
    ['success', ['start', 'ended']],
    ['canary', ['start', 'trip', 'rolled_back']],
    ['hold', ['start', 'trip', 'ended']],
    ['down', ['start', 'trip', 'recovery_needed']],
  ] as const)('%s: %j', (scenario, kinds) => {
    expect(kindsOf(40, scenario)).toEqual(kinds);
  });

  test('nothing of a run that preflight refuses', () => {
    expect(kindsOf(40, 'unreachable')).toEqual([]);
  });

  test('a pause that waits for approval, not one that a person asked for', () => {
    const started = syntheticRun(4, 'success').find(({ type }) => type === 'run-started');
    if (started === undefined) throw new Error('no start');
    const paused = (why: { kind: 'approval' } | { kind: 'asked'; by: string }): FleetEvent => ({
      ...started,
      ...({ type: 'paused', wave: 1, why } as const),
    });
    const asked = noticesOf([started, paused({ kind: 'asked', by: 'ann@b' })]);
    expect(asked.map(({ kind }) => kind)).toEqual(['start']);
    const [, approval] = noticesOf([started, paused({ kind: 'approval' })]);
    expect(approval).toMatchObject({ kind: 'paused', wave: 1 });
    expect(approval?.next).toMatch(/^fleet resume /);
  });

  test('the end of a run that another process began', () => {
    const events = syntheticRun(4, 'success');
    const [started, ended] = [events.find(({ type }) => type === 'run-started'), events.at(-1)];
    if (started?.type !== 'run-started' || ended === undefined) throw new Error('no such events');
    const { notice } = noticeOf(begunState(started.plan, started.at), ended);
    expect(notice).toMatchObject({ kind: 'ended', state: 'succeeded', counts: { done: 4 } });
  });

  test('a run that is left without an end needs a person', () => {
    const events = syntheticRun(4, 'success').slice(0, -1);
    const last = events.at(-1);
    const state = events.reduce<ReturnType<typeof noticeOf>['state']>(
      (found, event) => noticeOf(found, event).state,
      null,
    );
    if (state === null || last === undefined) throw new Error('no run');
    const left = leftNotice(state, last);
    expect(left).toMatchObject({ kind: 'recovery_needed', state: null });
    expect(left?.next).toBe('fleet recover -g prod');
  });
});

describe('a notice', () => {
  test('says who, what, from where, to where, how many, and what to type', () => {
    expect(noticeOfRun(40, 'canary', 'rolled_back')).toMatchObject({
      work: 'deploy',
      app: 'shop',
      group: 'prod',
      operator: 'ann@bastion',
      counts: { hosts: 40, done: 0, back: 1, failed: 1 },
      failed: [{ host: 'web01', why: expect.stringContaining('died') }],
      stop: { why: 'tripped', wave: 0, total: 1 },
      state: 'rolled_back',
      next: expect.stringMatching(/^fleet show /),
    });
  });

  test('is kept as its schema says', () => {
    for (const scenario of ['success', 'canary', 'hold', 'down'] as const) {
      for (const notice of noticesOfRun(40, scenario)) {
        expect(noticeSchema().parse(JSON.parse(JSON.stringify(notice)))).toEqual(notice);
      }
    }
  });

  test('names no more hosts than a message can, and counts all', () => {
    const events = syntheticRun(1000, 'canary').map((event): FleetEvent => {
      if (event.type !== 'run-ended') return event;
      const hosts = Array.from({ length: 1000 }, (_, at) => ({
        host: asHostName(`web${at}`),
        state: 'reverted' as const,
        wave: 0,
        from: null,
        to: null,
        error: { code: 'unit_unhealthy' as const, message: 'x'.repeat(10_000) },
      }));
      return { ...event, hosts };
    });
    const end = noticesOf(events).at(-1);
    expect(end?.failed).toHaveLength(MOST_HOSTS);
    expect(end?.counts.failed).toBe(1000);
    expect(JSON.stringify(end).length).toBeLessThan(100_000);
  });
});

test('who asks for ended gets every end, and only ends', () => {
  expect(isAsked(['ended'], 'rolled_back')).toBe(true);
  expect(isAsked(['ended'], 'recovery_needed')).toBe(true);
  expect(isAsked(['ended'], 'trip')).toBe(false);
  expect(isAsked(['rolled_back'], 'ended')).toBe(false);
});
