import { expect, test } from 'vitest';
import { OUTPUT_SCHEMAS, schemaOf } from '../../src/ui/json-schema.js';
import { planJson } from '../../src/ui/reports/plan/json.js';
import { runJson } from '../../src/ui/reports/run/json.js';
import { statusJson } from '../../src/ui/reports/status/json.js';
import { planFixture } from './support/plan-fixture.js';
import { type Scenario, syntheticPlan, syntheticRun } from './support/synthetic-run.js';
import { viewOf } from './support/view-of.js';

function ended(scenario: Scenario) {
  const { end } = viewOf(syntheticRun(20, scenario));
  if (end === null) throw new Error('the run did not end');
  const times = { startedAt: '2026-11-23T16:41:54Z', endedAt: '2026-11-23T16:42:54Z' };
  return runJson({ plan: syntheticPlan(20, scenario), ...times, ...pick(end) });
}

const pick = ({ state, exitCode, hosts }: NonNullable<ReturnType<typeof viewOf>['end']>) => ({
  state,
  exitCode,
  hosts,
});

test.each(['success', 'canary', 'mid', 'hold', 'down'] as const)(
  'a %s run obeys its schema',
  (scenario) => {
    const json = ended(scenario);
    expect(OUTPUT_SCHEMAS.deploy.parse(JSON.parse(JSON.stringify(json)))).toEqual(json);
  },
);

test('a run says how each wave and each host ended', () => {
  const json = ended('mid');
  expect(json.waves.map((wave) => wave.state)).toEqual([
    'rolled_back',
    'rolled_back',
    'failed',
    'not_started',
  ]);
  const failed = json.hosts.find((host) => host.error !== undefined);
  expect(failed).toMatchObject({
    host: 'web04',
    state: 'reverted',
    wave: 2,
    error: { code: 'unit_unhealthy', step: 'verify', exit: 1 },
  });
  expect(Object.keys(failed?.error ?? {})).toEqual([
    ...['code', 'message', 'step', 'exit', 'stderr', 'hint'],
  ]);
});

test('a run lists the hosts that it left out', () => {
  const plan = planFixture({ waves: [], unchanged: ['web1'], skipped: ['web2'] });
  const at = plan.createdAt;
  const json = runJson({
    plan,
    state: 'succeeded_partial',
    exitCode: 3,
    startedAt: at,
    endedAt: at,
  });
  expect(json.hosts.map((host) => [host.host, host.state, host.to])).toEqual([
    ['web1', 'unchanged', plan.release.id],
    ['web2', 'skipped', null],
  ]);
});

test('a plan and a status obey their schemas', () => {
  const plan = planJson(planFixture({ waves: [['web1'], ['web2']], skipped: ['web3'] }));
  expect(OUTPUT_SCHEMAS.plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  const lost = {
    host: 'web1',
    reachable: false,
    release: null,
    commit: null,
    phase: null,
    unit: null,
    serving: null,
    servingBy: null,
    linkMoved: null,
    restartPending: null,
    restarted: null,
    drift: null,
    unitFiles: null,
    error: { code: 'unreachable', message: 'no route', hint: 'for people' },
  } as const;
  const status = statusJson({ app: 'shop', group: 'prod' }, [lost], null);
  expect(OUTPUT_SCHEMAS.status.parse(status)).toEqual(status);
  expect(status.hosts[0]?.error).toEqual({
    code: 'unreachable',
    message: 'no route',
    hint: 'for people',
  });
});

test('every output has a JSON Schema', () => {
  for (const name of ['deploy', 'rollback', 'plan', 'show'] as const) {
    expect(schemaOf(name)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: `fleet ${name} --json`,
      type: 'object',
    });
  }
});
