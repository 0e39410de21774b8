import { expect, test } from 'vitest';
import type { HostName } from '../../src/model/names.js';
import type { FinalReading } from '../../src/rollout/state/input.js';
import { NEW, OLD, planOf } from '../fixtures/plan.js';
import { play, type Script } from './support/driver.js';

const WELL = { kind: 'read', idle: true, current: NEW, unitsUp: true } as const;

/** A run without failures, whose second host then has this final reading. */
function concludeWith(reading: FinalReading) {
  const found = (host: HostName) => (host === 'h2' ? reading : undefined);
  return play(planOf({ waves: [1, 2] }), { reading: found }).conclusion;
}

test('the last reading of a host that agrees makes a success', () => {
  expect(concludeWith(WELL)).toMatchObject({ state: 'succeeded', exitCode: 0 });
});

test.each([
  ['is on another release', { ...WELL, current: OLD }],
  ['has no current any more', { ...WELL, current: null }],
  ['is not free', { ...WELL, idle: false }],
  ['has a unit that is down', { ...WELL, unitsUp: false }],
] as const)('the last reading of a host that %s makes it unknown', (_, reading) => {
  const { state, exitCode, hosts } = concludeWith(reading);
  expect({ state, exitCode }).toEqual({ state: 'rollback_incomplete', exitCode: 6 });
  expect(hosts[1]).toMatchObject({ host: 'h2', state: 'unknown', error: { code: 'host_down' } });
});

/** A canary whose activation and rollback both fail, with this final reading. */
function concludeFailed(reading: FinalReading) {
  const script: Script = ({ kind }) => (kind === 'switch' || kind === 'revert' ? 'failed' : 'ok');
  return play(planOf({ waves: [1] }), { script, reading: () => reading }).conclusion;
}

test('a host whose rollback reported a failure, and that is idle on its earlier release, is rolled back', () => {
  const back = { kind: 'read', idle: true, current: OLD, unitsUp: true } as const;
  const { hosts, ...end } = concludeFailed(back);
  expect(end).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  expect(hosts[0]).toMatchObject({ state: 'reverted', error: { code: 'step_failed' } });
});

test.each([
  ['on the new release', { ...WELL }],
  ['not free', { ...WELL, current: OLD, idle: false }],
  ['down by its own word', { ...WELL, current: OLD, idle: false, down: true }],
  ['on what it had, with a unit that is down', { ...WELL, current: OLD, unitsUp: false }],
] as const)('a host whose rollback failed, and that is %s, stays down', (_, reading) => {
  const { state, hosts } = concludeFailed(reading);
  expect(state).toBe('rollback_incomplete');
  expect(hosts[0]).toMatchObject({ state: 'down' });
});
