import { describe, expect, test } from 'vitest';
import { judgeFacts } from '../../../src/engine/preflight/preflight.js';
import { planUnitWarnings, unitWarnings } from '../../../src/engine/preflight/unit-warnings.js';
import type { HostFacts, UnitReading } from '../../../src/host/protocol/protocol.js';
import type { UnitPart } from '../../../src/host/protocol/unit-report.js';
import { unitIsUp } from '../../../src/host/reply/facts.js';
import type { App, ServiceAction } from '../../../src/model/runs/app.js';
import { factsOf, unitOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';

const host = hostFixture('web1');

function appWith(action: ServiceAction, change: Partial<App> = {}): App {
  const app = appOf();
  return { ...app, service: { ...app.service, action }, ...change };
}

const partOf = (change: Partial<UnitPart> = {}): UnitPart => ({
  unit: 'shop.service',
  active: 'active',
  started: true,
  restarted: true,
  triggered: null,
  ...change,
});

function judge(units: readonly UnitReading[], app: App, facts: Partial<HostFacts> = {}) {
  const service = { ...app.service, units: units.map(({ unit }) => unit) };
  return judgeFacts(host, factsOf({ ...facts, units }), { app: { ...app, service }, diskBytes: 0 });
}

const target = (...parts: readonly UnitPart[]): UnitReading =>
  unitOf({ unit: 'shop.target', type: '', mainPid: 0, parts });
const socket = (...parts: readonly UnitPart[]): UnitReading =>
  unitOf({ unit: 'shop.socket', type: '', mainPid: 0, parts });

describe('preflight refuses', () => {
  test('a target with nothing behind it, unless something else is probed or listed', () => {
    const app = appWith('restart');
    const [found] = judge([target()], app);
    expect(found).toMatchObject({ code: 'unit_unfit', hint: expect.stringContaining('service') });
    expect(found?.message).toContain('shop.target has no process of its own');
    const probed = { probes: [{ kind: 'tcp', host: '127.0.0.1', port: 80 }] } as const;
    expect(judge([target()], appWith('restart', probed))).toEqual([]);
    expect(judge([target(), unitOf()], app)).toEqual([]);
    expect(judge([target(partOf())], app)).toEqual([]);
  });

  test('a target that restarts none of its services', () => {
    const [found] = judge([target(partOf({ restarted: false }))], appWith('restart'));
    expect(found?.message).toContain('restarts none of its services (shop.service)');
    expect(found?.hint).toContain('PartOf=shop.target');
  });

  test.each(['restart', 'stop-start'] as const)(
    'with %s a service that is stopped with its target and not started with it',
    (action) => {
      const dead = partOf({ unit: 'b.service', started: false });
      expect(judge([target(partOf(), dead)], appWith(action))).toMatchObject([
        { code: 'unit_unfit', message: expect.stringContaining('b.service is stopped with') },
      ]);
      const off = { ...dead, active: 'inactive' };
      expect(judge([target(partOf(), off)], appWith(action))).toEqual([]);
      expect(judge([target(off)], appWith(action))).toHaveLength(1);
      expect(judge([target(partOf(), dead)], appWith('none'))).toEqual([]);
    },
  );

  test('a socket without the service that it starts', () => {
    const service = partOf({ started: false, restarted: false, triggered: 'socket' });
    expect(judge([socket(service)], appWith('restart'))).toMatchObject([
      { hint: 'name both in fleet.yaml: unit: [shop.socket, shop.service]' },
    ]);
    expect(judge([socket(), unitOf()], appWith('restart'))).toEqual([]);
  });

  test('a unit that cannot be reloaded, where it would be', () => {
    const unit = unitOf({ canReload: false });
    expect(judge([unit], appWith('reload'))).toMatchObject([
      { code: 'unit_unfit', hint: expect.stringContaining('service.action: restart') },
    ]);
    expect(judge([unit], appWith('restart'))).toEqual([]);
    expect(judge([unitOf({ canReload: true })], appWith('reload'))).toEqual([]);
  });

  test.each([
    ['masked', 'is masked', 'sudo systemctl unmask shop.service'],
    ['not-found', 'knows no unit', 'install its unit file'],
    ['bad-setting', 'cannot use the unit file', 'sudo systemctl status shop.service'],
    ['error', 'cannot use the unit file', 'sudo systemctl status shop.service'],
  ] as const)('a unit that is %s, with its own words', (load, message, hint) => {
    const [found] = judge([unitOf({ load })], appWith('restart'));
    expect(found).toMatchObject({ code: 'unit_unknown' });
    expect(found?.message).toContain(message);
    expect(found?.hint).toContain(hint);
  });

  test('units of a user that does not linger, or whose systemd is not there', () => {
    const app = appWith('restart');
    for (const userManager of ['ends-with-login', 'absent'] as const) {
      expect(judge([unitOf()], app, { userManager })).toMatchObject([
        { code: 'not_lingering', hint: 'there: sudo loginctl enable-linger deploy' },
      ]);
    }
    expect(judge([unitOf()], app, { userManager: 'lingers' })).toEqual([]);
    const doubted = judge([unitOf()], app, { userManager: 'absent', user: 'other' });
    expect(doubted[0]?.hint).not.toContain('sudo');
  });
});

describe('a unit that is slow to stop', () => {
  /** `confirm_deadline` of the fixture. */
  const deadline = appOf().policy.confirmDeadlineMs;
  const above = `${deadline / 1000 + 60}s`;

  const judged = (change: Partial<UnitReading>) => judge([unitOf(change)], appWith('restart'));

  test('is refused where its last stop was slower than the deadline', () => {
    const [found] = judged({ stopWithin: above, stopTookMs: deadline + 1_500 });
    expect(found?.message).toContain('the last restart of shop.service took');
    expect(found?.hint).toContain('policy.confirm_deadline of more than');
  });

  test('is refused where someone allows it longer than the deadline, and it is not known', () => {
    expect(judged({ stopWithin: above })).toHaveLength(1);
    const [found] = judged({ stopWithin: 'infinity' });
    expect(found?.hint).toMatch(/^set TimeoutStopSec=/);
  });

  test('passes where it stopped in time, was given less since, or does not run', () => {
    expect(judged({ stopWithin: 'infinity', stopTookMs: 200 })).toEqual([]);
    expect(judged({ stopWithin: '5s', stopTookMs: deadline + 1_500 })).toEqual([]);
    expect(judged({ stopWithin: above, active: 'inactive' })).toEqual([]);
  });

  test('is a warning where all that is known is the limit that systemd gives to each unit', () => {
    const app = appWith('restart', { policy: { ...appOf().policy, confirmDeadlineMs: 60_000 } });
    const unit = unitOf({ stopWithin: '1min 30s' });
    expect(judge([unit], app)).toEqual([]);
    expect(unitWarnings(factsOf({ units: [unit] }), app)).toMatchObject([
      expect.stringContaining('shop.service may take 1min 30s to stop'),
    ]);
    const known = unitOf({ stopWithin: '1min 30s', stopTookMs: 10 });
    expect(unitWarnings(factsOf({ units: [known] }), app)).toEqual([]);
  });

  test('counts with all others, for they are stopped one after the other', () => {
    const half = { stopWithin: above, stopTookMs: deadline / 2 + 1 };
    const units = [unitOf({ ...half, unit: 'a.service' }), unitOf({ ...half, unit: 'b.service' })];
    expect(judge(units, appWith('restart'))).toHaveLength(1);
    expect(judge(units, appWith('reload'))).toEqual([]);
  });
});

test('a changed unit file and KillMode=process are warnings, once for all hosts', () => {
  const facts = factsOf({ units: [unitOf({ changed: true, killMode: 'process' })] });
  const hosts = ['web1', 'web2'].map((name) => ({ host: hostFixture(name), facts }));
  const app = appWith('restart');
  expect(planUnitWarnings(hosts, app)).toEqual([
    'web1, web2: the unit file of shop.service was changed, and systemd runs it as it was: sudo systemctl daemon-reload',
    expect.stringMatching(/^web1, web2: shop\.service has KillMode=process/),
  ]);
});

test.each([
  [{ active: 'active' }, true],
  [{ active: 'reloading', sub: 'reload' }, true],
  [{ active: 'activating' }, false],
  [{ active: 'inactive', sub: 'dead' }, false],
  [{ active: 'inactive', sub: 'dead', onCall: true }, true],
  [{ active: 'inactive', sub: 'dead', type: 'oneshot' }, true],
  [{ active: 'active', dead: 'shop.service failed' }, false],
] as const)('a unit that is %j is up: %s', (change, up) => {
  expect(unitIsUp(unitOf(change))).toBe(up);
});
