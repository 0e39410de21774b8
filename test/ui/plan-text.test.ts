import { expect, test } from 'vitest';
import { planLines } from '../../src/ui/plan-text.js';
import { createStyle } from '../../src/ui/style.js';
import { displayWidth } from '../../src/ui/width.js';
import { names, planFixture, wavesOf } from './plan-fixture.js';

const style = createStyle({ color: false, unicode: true });

test('a plan says what goes where, in which order, and what stops it', () => {
  const plan = planFixture({
    waves: wavesOf(20),
    skipped: ['web21'],
    unchanged: ['web22'],
    firstDeploy: ['web02', 'web05'],
  });
  expect(planLines(plan, style)).toEqual([
    'Deploy shop to prod, run 20261123T164154-k3vq, by ann@bastion',
    '',
    '  release     20261123T160000-1f3c9a0, commit 1f3c9a0, sha256 4be14be14be1',
    '  upload      1.6 MB to 20 hosts',
    '  from        20261101T090000-77aa001 on 18: web01, web03, web04 and 15 more',
    '              nothing (first deploy) on 2: web02, web05',
    '',
    '  wave 1 (canary)    1  web01',
    '  wave 2             2  web02, web03',
    '  wave 3            10  web[04:13]',
    '  wave 4             7  web[14:20]',
    '',
    '  limits      at most 5 of 20 out of service; any failed host stops the run',
    '  health      healthy for 5s within 1m',
    '  on failure  rollback-run: take every host back that the run has touched',
    '  unchanged   web22',
    '  skipped     web21: connection refused',
    "  note        no dead-man's switch in this version: a host that loses contact",
    '              in the middle of its switch stays as it is until reached again',
  ]);
});

test('a rollback sends nothing, and says so', () => {
  const lines = planLines(
    planFixture({ waves: [['web1']], kind: 'rollback', uploadBytes: 0 }),
    style,
  );
  expect(lines[0]).toBe('Rollback shop to prod, run 20261123T164154-k3vq, by ann@bastion');
  expect(lines).toContain('  upload      is on every host already');
});

test('a plan with nothing to do says why', () => {
  const lines = planLines(planFixture({ waves: [], unchanged: ['web1', 'web2', 'web3'] }), style);
  expect(lines.slice(-2)).toEqual([
    'Nothing to do: every host is on this release and healthy.',
    '  unchanged   3: web[1:3]',
  ]);
});

test('a plan of 300 hosts without a pattern in their names fits 80 columns', () => {
  const odd = names(300).map((name, i) => `${name}-${'abcdef'[i % 6]}`);
  const lines = planLines(
    planFixture({ waves: [odd.slice(0, 1), odd.slice(1)], skipped: odd.slice(0, 9) }),
    style,
  );
  expect(lines.length).toBeLessThan(24);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
});
