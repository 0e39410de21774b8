import { expect, test } from 'vitest';
import { asHostName } from '../../../src/model/names.js';
import { stopText } from '../../../src/model/runs/run-words.js';

const hosts = Array.from({ length: 40 }, (_, n) => asHostName(`${'abcd'[n % 4]}${3 * n}`));

test('a reason to stop names a wave as people count, and one host as one', () => {
  const [first = asHostName('h')] = hosts;
  expect(stopText({ kind: 'tripped', wave: 0, failed: [first], limit: 'wave' })).toBe(
    '1 failed host in wave 1 (canary), more than tolerated: a0',
  );
  expect(stopText({ kind: 'no-budget', wave: 1, out: [first] })).toBe(
    'no host of wave 2 may leave service: a0 is out already',
  );
});

test('names are cut to the width that there is, and kept where there is no limit', () => {
  const reason = { kind: 'claim-refused', hosts } as const;
  expect(stopText(reason)).toMatch(/ and \d+ more$/);
  const whole = stopText(reason, Number.POSITIVE_INFINITY);
  expect(hosts.filter((host) => !whole.includes(host))).toEqual([]);
});
