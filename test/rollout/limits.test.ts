import { expect, test } from 'vitest';
import type { HostName } from '../../src/model/names.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import { isInFlight } from '../../src/rollout/state/host-run.js';
import type { RolloutState } from '../../src/rollout/state/state.js';
import { type PlanShape, planOf } from '../fixtures/plan.js';
import { play, type Script } from './support/driver.js';

/** The most hosts that were in flight at any time of a run. */
function mostInFlight(shape: PlanShape, script?: Script): number {
  let most = 0;
  const check = (_: RolloutState, after: RolloutState): void => {
    most = Math.max(most, [...after.hosts].filter(isInFlight).length);
  };
  play(planOf(shape), { check, ...(script === undefined ? {} : { script }) });
  return most;
}

const switched = (effects: readonly Effect[]): readonly HostName[] =>
  effects.flatMap((effect) => (effect.kind === 'switch' ? [effect.host] : []));

test('a run activates one host after the other where one may be out', () => {
  expect(mostInFlight({ waves: [1, 5], maxUnavailable: 1 })).toBe(1);
  expect(mostInFlight({ waves: [1, 5], maxUnavailable: 3 })).toBe(3);
});

test('hosts that were sick before count for those that may be out', () => {
  const shape: PlanShape = { waves: [1, 4], maxUnavailable: 2, sick: ['h5'] };
  // While h5 is sick one more may be out. It is worked on first, as that costs no budget, and cured.
  const { effects, conclusion } = play(planOf(shape));
  expect(conclusion.state).toBe('succeeded');
  expect(switched(effects).slice(0, 3)).toEqual(['h1', 'h5', 'h2']);
});

test('a host that never served is free of budget, and counts only while it is worked on', () => {
  const shape: PlanShape = {
    waves: [1, 5],
    maxUnavailable: 1,
    fresh: ['h3'],
    tolerateWave: 1,
    tolerateRun: 1,
  };
  const { effects, conclusion } = play(planOf(shape), {
    script: (effect) => (effect.kind === 'switch' && effect.host === 'h3' ? 'lost' : 'ok'),
  });
  // It is lost, and stops none of the others though only one may be out.
  expect(switched(effects)).toEqual(['h1', 'h3', 'h2', 'h4', 'h5', 'h6']);
  expect(conclusion.hosts.filter(({ state }) => state === 'done')).toHaveLength(5);
});

test('a new host in flight keeps serving ones in service', () => {
  const shape: PlanShape = { waves: [1, 5], maxUnavailable: 2, fresh: ['h3', 'h4'] };
  expect(mostInFlight(shape)).toBe(2);
});

test('hosts that preflight skipped count for those that may be out', () => {
  expect(mostInFlight({ waves: [1, 5], maxUnavailable: 3, skipped: 2 })).toBe(1);
});

test('a host that is lost counts for those that may be out', () => {
  const shape: PlanShape = { waves: [1, 5], maxUnavailable: 2, tolerateWave: 1, tolerateRun: 1 };
  const lost: Script = (effect) =>
    effect.kind === 'switch' && effect.host === 'h2' ? 'lost' : 'ok';
  const { effects } = play(planOf(shape), { script: lost, check: expectWithin(2) });
  expect(switched(effects)).toEqual(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
});

/** The most hosts that are in flight or lost at once. */
function expectWithin(most: number) {
  return (_: RolloutState, after: RolloutState): void => {
    const out = [...after.hosts].filter((host) => isInFlight(host) || host.stage === 'unknown');
    expect(out.length).toBeLessThanOrEqual(most);
  };
}

test.each([
  ['that serve', { waves: [1, 5] }],
  ['that serve and a sick one beside them', { waves: [1, 5], sick: ['h6'] }],
] as const)('no more hosts %s are asked than are worked on at once', (_, shape: PlanShape) => {
  let most = 0;
  const pick = (pending: readonly Effect[]): number => {
    most = Math.max(most, pending.filter(({ kind }) => kind === 'switch').length);
    return 0;
  };
  const { state } = play(planOf(shape), { atOnce: 2, pick });
  expect(state.activity.kind).toBe('ended');
  expect(most).toBe(2);
});

test('a sick host is counted once, also while it is worked on', () => {
  expect(mostInFlight({ waves: [1, 4], maxUnavailable: 2, sick: ['h5'] })).toBe(2);
});

test('a run that the budget stops names who is out, those that were skipped too', () => {
  const shape: PlanShape = {
    waves: [1, 3],
    maxUnavailable: 2,
    skipped: 1,
    tolerateWave: 1,
    tolerateRun: 1,
  };
  const { notices } = play(planOf(shape), {
    script: (effect) => (effect.kind === 'switch' && effect.host === 'h2' ? 'lost' : 'ok'),
  });
  expect(notices.find((notice) => notice.type === 'stopped')).toMatchObject({
    reason: { kind: 'no-budget', wave: 1, out: [expect.stringMatching(/./), 'h2'] },
  });
});

test('failures that each wave tolerates trip the run together', () => {
  const shape: PlanShape = { waves: [1, 2, 2, 2], tolerateWave: 1, tolerateRun: 1 };
  const { effects, notices, conclusion } = play(planOf(shape), {
    script: (effect) =>
      effect.kind === 'switch' && ['h2', 'h4'].includes(effect.host) ? 'failed' : 'ok',
  });
  expect(switched(effects)).toEqual(['h1', 'h2', 'h3', 'h4', 'h5']);
  expect(notices.find((notice) => notice.type === 'stopped')).toMatchObject({
    reason: { kind: 'tripped', limit: 'run', failed: ['h2', 'h4'] },
  });
  expect(conclusion.state).toBe('rolled_back');
});
