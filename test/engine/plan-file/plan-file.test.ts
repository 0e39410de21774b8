import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../../src/engine/plan-file/changes.js';
import { parsePlanFile, planFileOf } from '../../../src/engine/plan-file/plan-file.js';
import { localSource, portablePlan } from '../../../src/engine/plan-file/portable.js';
import type { ReleaseSource } from '../../../src/model/runs/app.js';
import type { HostPlan, Plan } from '../../../src/model/runs/plan.js';
import { OLD, planOf } from '../../fixtures/plan.js';

const asked = {
  groups: ['prod'],
  limit: null,
  maxUnavailable: null,
  force: false,
  allAtOnce: false,
};
const projectDir = '/home/anna/shop';
const parts = (plan: Plan) => ({ plan, asked, version: '1.2.3', projectDir });

/** Text as people, inventories and hosts may have it. */
const text = () => fc.string({ unit: 'binary', maxLength: 40 });

const source = (): fc.Arbitrary<ReleaseSource> => {
  const path = fc.constantFrom(
    '/home/anna/shop',
    '/home/anna/shop/dist',
    '/home/anna/shop-2/x',
    '/x',
  );
  return fc.oneof(
    fc.record({ kind: fc.constant('folder' as const), path }),
    fc.record({ kind: fc.constant('archive' as const), path }),
    fc.record({
      kind: fc.constant('git' as const),
      repository: path,
      ref: text(),
      subdir: fc.option(text()),
    }),
    fc.record({ kind: fc.constant('url' as const), url: text(), sha256: text() }),
  );
};

/** Plans whose fields hold whatever may be in them. */
const plans = (): fc.Arbitrary<Plan> =>
  fc
    .record({
      waves: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
      reason: fc.option(text()),
      operator: text(),
      from: fc.option(source()),
      label: text(),
      target: text(),
      epoch: fc.nat(),
      user: text(),
    })
    .map(({ waves, reason, operator, from, label, target, epoch, user }) => {
      const plan = planOf({ waves, skipped: 1 });
      const host = (each: HostPlan): HostPlan => ({
        ...each,
        epoch,
        found: { target, leads: 'unknown' },
        host: { ...each.host, labels: { zone: label }, ssh: { ...each.host.ssh, user } },
      });
      const app = { ...plan.app, release: { ...plan.app.release, from } };
      return { ...plan, reason, operator, app, hosts: plan.hosts.map(host) };
    });

describe('a plan', () => {
  test('comes back from a file as it went in, whatever its texts hold', () => {
    fc.assert(
      fc.property(plans(), (plan) => {
        const portable = portablePlan(plan, projectDir);
        const back = parsePlanFile(planFileOf(parts(plan)), 'x').plan;
        expect(back).toEqual(JSON.parse(JSON.stringify(portable)));
        expect(changesOf(back, JSON.parse(JSON.stringify(portable)))).toEqual([]);
      }),
    );
  });

  test('in a file names its source from the project, wherever that is', () => {
    fc.assert(
      fc.property(source(), (from) => {
        const plan = planOf({ waves: [1] });
        const app = { ...plan.app, release: { ...plan.app.release, from } };
        const there = portablePlan({ ...plan, app }, projectDir).app.release.from;
        if (there === null || from.kind === 'url') return;
        expect(localSource(there, projectDir)).toEqual(from);
        const moved = localSource(there, '/builds/7');
        expect(JSON.stringify(moved)).not.toContain('/home/anna/shop/');
      }),
    );
  });

  test('of a changed byte is refused, wherever the byte is', () => {
    const file = planFileOf(parts(planOf({ waves: [1, 1] })));
    fc.assert(
      fc.property(fc.nat(file.length - 1), (at) => {
        const other = file[at] === 'a' ? 'b' : 'a';
        const damaged = file.slice(0, at) + other + file.slice(at + 1);
        try {
          // Blanks between values do not count.
          if (JSON.stringify(JSON.parse(damaged)) === JSON.stringify(JSON.parse(file))) return;
        } catch {
          // Not JSON any more.
        }
        expect(() => parsePlanFile(damaged, 'x')).toThrow(/x (is not|was)/);
      }),
    );
  });
});

describe('what has changed', () => {
  const plan = planOf({ waves: [1, 3] });
  const portable = (each: Plan): Plan => portablePlan(each, projectDir);
  const onHosts = (change: (host: HostPlan) => HostPlan, ...names: readonly string[]): Plan => ({
    ...plan,
    hosts: plan.hosts.map((each) => (names.includes(each.host.name) ? change(each) : each)),
  });
  const changes = (now: Plan) => changesOf(portable(plan), portable(now));

  test.each<readonly [string, Plan, readonly string[]]>([
    [
      'current releases, folded by what they were and are',
      onHosts((host) => ({ ...host, from: null }), 'h2', 'h3', 'h4'),
      [`current release: h[2:4]: ${OLD} → nothing`],
    ],
    [
      'another run, also if it changed nothing',
      onHosts((host) => ({ ...host, epoch: 9 }), 'h1'),
      ['runs: h1: another run or recovery has locked it since then'],
    ],
    [
      'what a host offers, and whether it serves',
      onHosts(
        (host) => ({ ...host, guard: false, condition: { kind: 'out', why: 'it is down' } }),
        'h1',
        'h2',
      ),
      ['state: h1, h2: guard: true → false', 'state: h1, h2: condition: serving → out'],
    ],
    [
      'a setting, by its name in fleet.yaml',
      {
        ...plan,
        app: {
          ...plan.app,
          service: { ...plan.app.service, units: ['a.service', 'b.service'] },
          policy: { ...plan.app.policy, bakeMs: 90_000, onFailure: 'hold', minHealthyMs: 5000 },
        },
      },
      [
        'config: service.unit: [shop.service] → [a.service, b.service]',
        'config: policy.min_healthy_time: 0s → 5s',
        'config: policy.bake: 0s → 90s',
        'config: policy.on_failure: rollback-run → hold',
      ],
    ],
    [
      'how a host is reached',
      onHosts((host) => ({ ...host, host: { ...host.host, address: '10.9.9.9' } }), 'h4'),
      ['hosts: h4: address: h4 → 10.9.9.9'],
    ],
    [
      'waves alone, where nothing else explains them',
      { ...plan, waves: [] },
      [expect.stringMatching(/^plan: waves: \[\[h1\], \[h2, h3, h4\]\] → \[\]$/)],
    ],
    [
      'a field that a later fleet may add, at a host and in the plan',
      Object.assign(
        onHosts((host) => Object.assign({ ...host }, { hooks: ['x'] }), 'h2'),
        {
          extra: { on: true },
        },
      ),
      ['state: h2: hooks: none → [x]', 'plan: extra: none → {"on":true}'],
    ],
  ])('is %s', (_, now, expected) => {
    expect(changes(now)).toEqual(expected);
  });

  test('is not who made the plan, when and why, nor a size that depends on the machine', () => {
    const other = {
      ...plan,
      operator: 'bert@ci',
      createdAt: 'later',
      reason: 'x',
      uploadBytes: 5,
      backTo: OLD,
      release: { ...plan.release, deployer: 'bert', deployedAt: 'later', version: 'v9' },
    };
    expect(changes(other)).toEqual([]);
  });

  test('is not where the project is, for a hook that runs there; a group that a hook is for counts', () => {
    const hook = {
      id: 'after_run-1',
      name: 'tell',
      point: 'after_run',
      per: 'run',
      where: 'bastion',
      work: { kind: 'command', command: './tell' },
      folder: projectDir,
      groups: ['db'],
      on: ['deploy'],
      timeoutMs: 1000,
      ifFails: 'warn',
    } as const;
    const hooked = { ...plan, app: { ...plan.app, hooks: [hook] } };
    const there = { ...hooked, app: { ...plan.app, hooks: [{ ...hook, folder: '/builds/7' }] } };
    expect(changesOf(portable(hooked), portablePlan(there, '/builds/7'))).toEqual([]);
    const joined = onHosts(
      ({ host, ...rest }) => ({ ...rest, host: { ...host, groups: ['db', 'x'] } }),
      'h1',
    );
    expect(changesOf(portable(hooked), portable({ ...joined, app: hooked.app }))).toEqual([
      'hosts: h1: groups: [] → [db]',
    ]);
  });

  test('is not whose key, agent and known hosts are used', () => {
    const mine = onHosts(({ host, ...rest }) => {
      const ssh = {
        ...host.ssh,
        identityFiles: ['/home/bert/key'],
        agent: '/tmp/agent',
        knownHosts: [],
        passphrase: 'env:X',
      };
      return { ...rest, host: { ...host, ssh, groups: ['more'], vars: { secret: 'x' } } };
    }, 'h1');
    expect(changes(mine)).toEqual([]);
    expect(planFileOf(parts(mine))).not.toMatch(/bert|secret|env:X/);
  });
});
