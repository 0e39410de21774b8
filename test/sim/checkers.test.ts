import { describe, expect, test } from 'vitest';
import { hookStep } from '../../src/host/steps/hook-step.js';
import { adoptStep, factsStep, pruneSteps } from '../../src/host/steps/steps.js';
import { asHostName, asReleaseId, asRunId } from '../../src/model/names.js';
import { planView } from '../../src/model/runs/plan-view.js';
import { Bench } from './bench.js';
import { RELEASES } from './fleet.js';
import type { Scenario } from './scenario.js';
import { PLAIN } from './scenarios.js';
import { simulate } from './simulate.js';

const HOOKED: Scenario = { ...PLAIN, hooks: { fails: [] } };

/** A hook of the run, on a host. */
const ONCE = {
  key: 'before_activate-3.1',
  point: 'before_activate',
  work: { kind: 'command', command: 'before_activate-3' },
  folder: { kind: 'root' },
  timeoutMs: 10_000,
  env: [],
} as const;

/** A hook of the first host of the plan alone. */
const hookOfHost = (bench: Bench, id: string) => {
  const key = `${id}.${bench.by(0).txn}`;
  return hookStep(bench.by(0), { ...ONCE, key, work: { kind: 'command', command: id } });
};

test('a controller and hosts that do everything right break nothing', async () => {
  const bench = await Bench.open();
  await bench.ready();
  await bench.call(0, ...bench.switching(0));
  await bench.call(0, ...bench.confirm(0));
  await bench.wait();
  expect(bench.world.violation).toBeNull();
});

describe('a host program without a guard is found out:', () => {
  test('I1, where it links what is not there', async () => {
    const bench = await Bench.open('trusts-releases');
    await bench.call(0, bench.claim(0));
    await bench.call(0, ...bench.switching(0));
    expect(bench.violated).toContain('I1');
  });

  test('I2, where it does not restart what it has switched', async () => {
    const bench = await Bench.open('never-restarts');
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    await bench.call(0, ...bench.confirm(0));
    expect(bench.violated).toContain('I2');
  });

  test('I3, where it does what an older epoch says', async () => {
    const bench = await Bench.open('takes-any-epoch');
    const newer = { epoch: bench.by(0).epoch + 1, run: asRunId('run2'), txn: 'run2.2.0' };
    await bench.call(0, bench.claim(0, newer));
    await bench.call(0, ...bench.stage(0));
    expect(bench.violated).toContain('I3');
  });

  test('I3, where it writes without the lock', async () => {
    const bench = await Bench.open('ignores-the-lock');
    await bench.call(0, bench.claim(0));
    expect(bench.violated).toContain('I3');
  });

  test('I6, where it links without a switch', async () => {
    const bench = await Bench.open('arms-nothing');
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    expect(bench.violated).toContain('I6');
  });

  test('I7, where its switch never fires', async () => {
    const bench = await Bench.open('never-fires');
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    expect(bench.violated).toEqual([]);
    await bench.wait();
    expect(bench.violated).toContain('I7');
  });

  test('I10, where it writes when it is only to read', async () => {
    const bench = await Bench.open('writes-in-facts');
    await bench.call(0, factsStep(bench.plan.app.service, [], { releases: true }));
    expect(bench.violated).toContain('I10');
  });

  test('I12, where it deletes what is needed', async () => {
    const bench = await Bench.open('prunes-anything');
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    await bench.call(0, ...bench.confirm(0));
    await bench.call(0, ...pruneSteps(bench.by(0), [asReleaseId(RELEASES.old)]));
    expect(bench.violated).toContain('I12');
  });

  test('hooks, where it runs one again that it is asked for twice', async () => {
    const bench = await Bench.over(HOOKED, ['forgets-hooks']);
    await bench.ready();
    const hook = hookStep(bench.by(0), ONCE);
    await bench.call(0, hook);
    expect(bench.violated).toEqual([]);
    await bench.call(0, hook);
    expect(bench.violated).toEqual(['hooks']);
  });

  test('hooks of hosts, where it runs one again whose answer was lost', async () => {
    const faults = [{ kind: 'cut', host: 0, call: 3, point: 'answer', pause: 1 }] as const;
    const broken = new Set(['forgets-hooks'] as const);
    expect((await simulate({ ...HOOKED, faults })).violation).toBeNull();
    const { violation } = await simulate({ ...HOOKED, faults }, { broken });
    expect(violation?.invariant).toBe('hooks of hosts');
  });

  test('hooks, where it says that one has run which it has skipped', async () => {
    const broken = new Set(['skips-hooks'] as const);
    const { violation } = await simulate(HOOKED, { broken });
    expect(violation?.message).toContain('before_activate-3 of run1 was skipped');
  });

  test('backup, where it says that it has one', async () => {
    const broken = new Set(['takes-no-backup'] as const);
    const { violation } = await simulate({ ...PLAIN, backup: true }, { broken });
    expect(violation?.invariant).toBe('backup');
  });

  test('unit files, where it rolls a release back without its own', async () => {
    const faults = [{ kind: 'bad', host: 0, how: 'unwell', afterMs: 0 }] as const;
    const scenario: Scenario = { ...PLAIN, unitFiles: true, faults };
    expect((await simulate(scenario)).violation).toBeNull();
    const broken = new Set(['keeps-the-unit-file'] as const);
    const { violation } = await simulate(scenario, { broken });
    expect(violation?.invariant).toBe('unit files');
  });

  test('I11, where nothing that recovers it comes to an end', async () => {
    const faults = [{ kind: 'crash', call: 12, mode: 'answer-lost' }] as const;
    const broken = new Set(['keeps-claims'] as const);
    const { violation } = await simulate({ ...PLAIN, faults }, { broken });
    expect(violation?.invariant).toBe('I11');
  });
});

describe('a machine without a guard is found out:', () => {
  test('I4, where it switches more hosts at once than may be out', async () => {
    const bench = await Bench.open();
    await bench.ready();
    await bench.callAll([0, 1, 2], (index) => bench.switching(index));
    expect(bench.violated).toContain('I4');
  });

  test('I4, where a host that serves is switched before one that was out of service', async () => {
    const bench = await Bench.over({ ...PLAIN, sick: [3] });
    await bench.ready();
    expect(bench.plan.hosts.map(({ host }) => host.name)).toEqual(['h4', 'h1', 'h2', 'h3', 'h5']);
    await bench.call(1, ...bench.switching(1));
    expect(bench.violated).toContain('I4');
  });

  test.each([
    ['not where it has failed in a hook of its own', 'before_activate-6', false],
    ['also where only a hook that warns has failed', 'before_revert-11', true],
  ])('I4, where one that was out has its turn too late, %s', async (_, id, found) => {
    const bench = await Bench.over({ ...HOOKED, sick: [3], hooks: { fails: [id] } });
    await bench.ready();
    await bench.call(0, hookOfHost(bench, id));
    await bench.call(1, ...bench.switching(1));
    expect(bench.world.violations.some((each) => each.message.includes('is switched before'))).toBe(
      found,
    );
  });

  test('I4, where the run gives a host up that was out, though it has answered', async () => {
    const bench = await Bench.over({ ...PLAIN, sick: [3] });
    await bench.ready();
    const failure = { code: 'step_failed', message: 'it broke' } as const;
    const host = bench.plan.hosts[0]?.host.name ?? asHostName('');
    bench.emit({ type: 'host-stage', host, stage: 'failed', wave: 0, failure });
    await bench.call(1, ...bench.switching(1));
    expect(bench.violated).toContain('I4');
  });

  test('I5, where a wave does not wait for its gate', async () => {
    const bench = await Bench.open();
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    await bench.call(0, ...bench.confirm(0));
    await bench.call(1, ...bench.switching(1));
    expect(bench.violated).toContain('I5');
  });

  test('I8, where a host is switched after the run was stopped', async () => {
    const bench = await Bench.open();
    await bench.ready();
    bench.emit({ type: 'stopped', reason: { kind: 'interrupted' } });
    await bench.call(0, ...bench.switching(0));
    expect(bench.violated).toContain('I8');
  });

  test('I8, where a host is switched after too many have failed, though the run says nothing', async () => {
    const bench = await Bench.open();
    await bench.ready();
    const [, ...unarmed] = bench.switching(0);
    await bench.call(0, ...unarmed);
    await bench.call(2, bench.claim(2));
    await bench.call(1, ...bench.switching(1));
    expect(bench.violated).toContain('I8');
  });

  test('I8, where a host is switched after too many have failed in their hooks', async () => {
    const id = 'before_activate-6';
    const bench = await Bench.over({ ...PLAIN, hooks: { fails: [id] } });
    await bench.ready();
    await bench.call(0, hookOfHost(bench, id));
    await bench.call(2, bench.claim(2));
    await bench.call(1, ...bench.switching(1));
    expect(bench.violated).toContain('I8');
  });

  test('hooks and backup, where a host is switched without them', async () => {
    const bench = await Bench.over({ ...HOOKED, backup: true });
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    expect(bench.violated).toEqual(['backup', 'hooks', 'hooks of hosts']);
  });

  test('hooks, where one of the run runs on a second host', async () => {
    const bench = await Bench.over(HOOKED);
    await bench.ready();
    await bench.call(0, hookStep(bench.by(0), ONCE));
    expect(bench.violated).toEqual([]);
    await bench.call(1, hookStep(bench.by(1), ONCE));
    expect(bench.violated).toEqual(['hooks']);
  });

  test('I4, where a recovery rolls a host back that was confirmed', async () => {
    const bench = await Bench.open();
    await bench.ready();
    await bench.call(0, ...bench.switching(0));
    await bench.call(0, ...bench.confirm(0));
    const recovery = { ...bench.by(0), epoch: bench.by(0).epoch + 1, run: asRunId('recovery1') };
    const { run } = bench.plan;
    const tenure = { owner: 'ada@bastion', leaseMs: 60_000, over: run, force: true };
    await bench.call(0, adoptStep(recovery, tenure), bench.revert(0, recovery));
    expect(bench.violated).toContain('I4');
  });

  test('I10, where a dry run claims a host, begins a run, or is kept in the history', async () => {
    const bench = await Bench.open();
    const { truth } = bench.world;
    truth.dryRuns.add(bench.plan.run);
    await bench.call(0, bench.claim(0));
    const { run } = bench.plan;
    bench.emit({ type: 'run-started', run, kind: 'deploy', plan: planView(bench.plan) });
    bench.world.see({ kind: 'stored', run: bench.plan.run });
    expect(bench.violated).toEqual(['I10', 'I10', 'I10']);
  });

  test('I9, where it calls success what it has not read', async () => {
    const bench = await Bench.open();
    bench.emit({
      type: 'run-ended',
      run: bench.plan.run,
      state: 'succeeded',
      exitCode: 0,
      hosts: [],
      startedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(bench.violated).toContain('I9');
  });
});
