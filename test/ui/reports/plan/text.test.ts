import { expect, test } from 'vitest';
import { planLines } from '../../../../src/ui/reports/plan/text.js';
import { createStyle } from '../../../../src/ui/terminal/style.js';
import { displayWidth } from '../../../../src/ui/terminal/width.js';
import { names, planFixture, wavesOf } from '../../support/plan-fixture.js';

const style = createStyle({ color: false, unicode: true });

test('a plan shows what goes where, in which order, and what stops it', () => {
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
    '  limits      at most 5 of 22 out of service; any failed host stops the run',
    '  health      healthy for 5s within 1m',
    '  on failure  rollback-run: roll back every host that the run has touched',
    '  confirm     each host rolls back automatically unless confirmed within 2m',
    '  timer       system timer on all 20',
    '  unchanged   web22',
    '  skipped     web21: connection refused',
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

test('a plan shows the tier of each host’s automatic rollback timer, and which hosts have none', () => {
  const { hosts, ...plan } = planFixture({ waves: wavesOf(20) });
  const tiers = (index: number) => (index < 2 ? 'off' : index < 5 ? 'process' : 'system');
  const mixed = {
    ...plan,
    hosts: hosts.map((host, i) => ({ ...host, deadMan: tiers(i), guard: i > 9 }) as const),
  };
  expect(planLines(mixed, style).slice(-6)).toEqual([
    '  confirm     each host rolls back automatically unless confirmed within 2m',
    '  timer       system timer on 15: web[06:20]',
    '              process on 3: web[03:05]',
    '              none on 2: web01, web02',
    '              no automatic rollback if contact is lost during activation',
    '  boot guard  none on 10 of 20: a reboot during activation keeps the new release',
  ]);
});

test('a plan says that the policy turns the automatic rollback timer off', () => {
  const { hosts, app, ...plan } = planFixture({ waves: [['web1']] });
  const off = {
    ...plan,
    app: { ...app, policy: { ...app.policy, deadMan: 'off' } },
    hosts: hosts.map((host) => ({ ...host, deadMan: 'off', guard: false }) as const),
  } as const;
  expect(planLines(off, style).slice(-3)).toEqual([
    '  timer       off, by policy.dead_man',
    '              no automatic rollback if contact is lost during activation',
    '  boot guard  none on the host: a reboot during activation keeps the new release',
  ]);
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

test('a plan shows the links that fleet did not make, and which hosts cannot roll back', () => {
  const { hosts, ...plan } = planFixture({ waves: wavesOf(6) });
  const leads = ['nowhere', 'somewhere', 'somewhere', 'unknown', 'somewhere'] as const;
  const mixed = {
    ...plan,
    hosts: hosts.map((host, i) => {
      const at = leads[i];
      return at === undefined ? host : { ...host, found: { target: `/srv/${at}`, leads: at } };
    }),
  };
  expect(planLines(mixed, style).filter((line) => line.includes('/srv/'))).toEqual([
    '  way back    web1: a link to /srv/nowhere, which leads nowhere: no rollback, a failed unit stays stopped',
    '              web4: a link to /srv/unknown, which the login user cannot read; a rollback restores it unchecked',
    '              web2, web3, web5: a link to /srv/somewhere, not made by fleet; a rollback restores it',
  ]);
});
