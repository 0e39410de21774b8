import { expect, test } from 'vitest';
import { unitsFault, unitsUp } from '../../../src/engine/reading/unit-health.js';
import { unitOf } from '../../fixtures/facts.js';

const asked = ['shop.service', 'worker.service'];
const shop = unitOf();
const worker = unitOf({ unit: 'worker.service' });

test.each([
  ['all that were asked for are', [shop, worker], true],
  ['one is down', [shop, { ...worker, active: 'failed' }], false],
  ['one was not read', [shop], false],
  ['none was read', [], false],
  ['only others were read', [unitOf({ unit: 'a.service' }), unitOf({ unit: 'b.service' })], false],
] as const)('units are up or not where %s', (_, units, up) => {
  expect(unitsUp(asked, units)).toBe(up);
  expect(unitsFault(asked, { units, unread: [] }) === null).toBe(up);
});

test('what was not asked for is no fault', () => {
  expect(unitsUp([], [])).toBe(true);
});

test('says which could not be read, and why as the host reports it', () => {
  const unread = [{ what: 'units', why: 'Failed to connect to bus' }] as const;
  expect(unitsFault(asked, { units: [], unread })).toBe(
    'the state of shop.service, worker.service cannot be read: Failed to connect to bus',
  );
  expect(unitsFault(asked, { units: [shop], unread: [] })).toBe(
    'the state of worker.service cannot be read: the host did not report them',
  );
});
