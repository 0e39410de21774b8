import { describe, expect, test } from 'vitest';
import { asHostName } from '../../src/model/names.js';
import { conclude } from '../../src/rollout/conclude.js';
import { advance } from '../../src/rollout/machine.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import type { RunInput } from '../../src/rollout/state/input.js';
import { beginState, hostOf, type RolloutState } from '../../src/rollout/state/state.js';
import { type PlanShape, planOf } from '../fixtures/plan.js';
import { answer } from './support/driver.js';

/** A run driven by hand: answers come one by one, with requests of people in between. */
class HandRun {
  state: RolloutState;
  pending: Effect[] = [];
  readonly seen: Effect[] = [];

  constructor(shape: PlanShape) {
    this.state = beginState(planOf(shape));
    this.tell({ kind: 'begin' });
  }

  tell(input: RunInput): void {
    const step = advance(this.state, input);
    this.state = step.state;
    this.pending.push(...step.effects);
    this.seen.push(...step.effects);
  }

  /** Answers everything with `ok`, up to the first effect of that kind, which stays. */
  until(kind: Effect['kind'] | 'quiet'): void {
    for (;;) {
      const [effect] = this.pending;
      if (effect === undefined || effect.kind === kind) return;
      this.pending.shift();
      this.tell(answer(effect, 'ok', this.state));
    }
  }

  sent(kind: Effect['kind']): readonly string[] {
    return this.seen.flatMap((effect) =>
      effect.kind === kind && 'host' in effect && effect.host !== null ? [effect.host] : [],
    );
  }
}

const fenced = { code: 'fenced', message: 'epoch 2 is older than 3' } as const;

describe('a pause', () => {
  test('finishes the host in flight, and starts no other', () => {
    const run = new HandRun({ waves: [1, 3], maxUnavailable: 1 });
    run.until('switch');
    run.tell({ kind: 'pause', by: 'ada' });
    run.until('quiet');
    expect(run.state.activity).toEqual({ kind: 'paused', wave: 1 });
    expect(run.sent('switch')).toEqual(['h1']);
    expect([...run.state.hosts].map((host) => host.stage)).toEqual([
      'done',
      'staged',
      'staged',
      'staged',
    ]);
  });

  test('continues behind a new gate over every host activated so far', () => {
    const run = new HandRun({ waves: [1, 3], maxUnavailable: 1 });
    run.until('switch');
    run.tell({ kind: 'pause', by: 'ada' });
    run.until('quiet');
    run.tell({ kind: 'resume', by: 'ada' });
    expect(run.pending).toEqual([{ kind: 'probe', host: 'h1' }]);
    run.until('quiet');
    expect(conclude(run.state).state).toBe('succeeded');
  });

  test('of a run whose hosts have gone sick meanwhile ends in its gate', () => {
    const run = new HandRun({ waves: [1, 3], maxUnavailable: 1 });
    run.until('switch');
    run.tell({ kind: 'pause', by: 'ada' });
    run.until('quiet');
    run.tell({ kind: 'resume', by: 'ada' });
    const [probe] = run.pending.splice(0, 1);
    if (probe === undefined) throw new Error('a gate probes');
    run.tell(answer(probe, 'failed', run.state));
    run.until('quiet');
    expect(conclude(run.state).state).toBe('rolled_back');
    expect(run.sent('switch')).toEqual(['h1']);
  });

  test('that ends the command gives up the claims and is no failure', () => {
    const run = new HandRun({ waves: [1, 3] });
    run.until('switch');
    run.tell({ kind: 'pause', by: 'ada' });
    run.until('quiet');
    run.tell({ kind: 'suspend' });
    run.until('quiet');
    expect(run.sent('finish')).toHaveLength(4);
    expect(conclude(run.state)).toMatchObject({ state: 'paused', exitCode: 8 });
  });

  test('can be ended by an abort, which rolls nothing back', () => {
    const run = new HandRun({ waves: [1, 3] });
    run.until('switch');
    run.tell({ kind: 'pause', by: 'ada' });
    run.until('quiet');
    run.tell({ kind: 'interrupt', by: 'bob' });
    run.until('quiet');
    expect(conclude(run.state)).toMatchObject({ state: 'stopped_mixed', exitCode: 130 });
    expect(run.sent('revert')).toEqual([]);
  });
});

describe('an approval', () => {
  test('is waited for before its wave, behind the gate of the one before', () => {
    const run = new HandRun({ waves: [1, 2], approvals: [1] });
    run.until('quiet');
    expect(run.state.activity).toEqual({ kind: 'paused', wave: 1 });
    expect(run.sent('probe')).toEqual(['h1']);
    run.tell({ kind: 'resume', by: 'ada' });
    run.until('quiet');
    expect(run.sent('probe')).toEqual(['h1', 'h1', 'h1', 'h2', 'h3']);
    expect(conclude(run.state).state).toBe('succeeded');
  });
});

describe('a run that another controller began', () => {
  test('adopts what is done, and activates the rest behind a gate of its own', () => {
    const run = new HandRun({ waves: [1, 2, 2], done: ['h1', 'h2'] });
    run.until('switch');
    expect(run.sent('stage')).not.toContain('h1');
    expect(run.sent('probe')).toEqual(['h1', 'h2']);
    expect(run.sent('switch')).toEqual(['h3']);
    run.until('quiet');
    expect(conclude(run.state).state).toBe('succeeded');
  });

  test('rolls back what the first one activated, if the release turns out bad', () => {
    const run = new HandRun({ waves: [1, 2], done: ['h1'], upload: false });
    run.until('probe');
    const [probe] = run.pending.splice(0, 1);
    if (probe === undefined) throw new Error('a gate probes');
    run.tell(answer(probe, 'failed', run.state));
    run.until('quiet');
    expect(run.sent('revert')).toEqual(['h1']);
  });
});

describe('a host that another run has now', () => {
  test('ends the run with 7, and is sent nothing more', () => {
    const run = new HandRun({ waves: [1, 2] });
    run.until('switch');
    const [effect] = run.pending.splice(0, 1);
    expect(effect).toMatchObject({ kind: 'switch', host: 'h1' });
    run.tell({
      kind: 'switched',
      host: asHostName('h1'),
      result: { kind: 'failed', failure: fenced },
    });
    run.until('quiet');
    expect(run.sent('revert')).toEqual([]);
    expect(run.sent('finish')).toEqual(['h2', 'h3']);
    expect(conclude(run.state)).toMatchObject({ state: 'fenced', exitCode: 7 });
  });

  test('is reported by a heartbeat in the middle of a bake', () => {
    const run = new HandRun({ waves: [1, 2], policy: { bakeMs: 1000 } });
    run.until('wait');
    run.tell({ kind: 'fenced', host: asHostName('h2'), failure: fenced });
    run.until('quiet');
    expect(run.sent('switch')).toEqual(['h1']);
    expect(conclude(run.state)).toMatchObject({ state: 'fenced', exitCode: 7 });
    expect(hostOf(run.state, asHostName('h1')).stage).toBe('done');
  });
});

describe('a run that has lost a host', () => {
  const lost = { kind: 'failed', failure: fenced } as const;
  const h2 = asHostName('h2');

  /** Takes the next effect of that kind for h2 away, and answers it. */
  function loseAt(run: HandRun, kind: 'stage' | 'probe' | 'revert'): void {
    const at = run.pending.findIndex(
      (effect) => effect.kind === kind && 'host' in effect && effect.host === 'h2',
    );
    if (at < 0) throw new Error(`h2 is asked for no ${kind}`);
    run.pending.splice(at, 1);
    if (kind === 'stage') run.tell({ kind: 'staged', host: h2, result: lost });
    else if (kind === 'revert') run.tell({ kind: 'reverted', host: h2, result: lost });
    else run.tell({ kind: 'probed', host: h2, reading: { kind: 'unknown', failure: fenced } });
  }

  function expectLost(run: HandRun): void {
    run.until('quiet');
    expect(run.sent('finish')).not.toContain('h2');
    expect(conclude(run.state)).toMatchObject({ state: 'fenced', exitCode: 7 });
  }

  test('is noticed while it is staged', () => {
    const run = new HandRun({ waves: [1, 2] });
    run.until('stage');
    loseAt(run, 'stage');
    expectLost(run);
    expect(run.sent('switch')).toEqual([]);
  });

  test('is noticed in a gate, and the host is not rolled back', () => {
    const policy = { onFailure: 'rollback-run' } as const;
    const run = new HandRun({ waves: [2, 2], policy });
    run.until('probe');
    loseAt(run, 'probe');
    expectLost(run);
    expect(run.sent('switch')).toEqual(['h1', 'h2']);
    expect(run.sent('revert')).not.toContain('h2');
  });

  test('is noticed during its rollback', () => {
    const run = new HandRun({ waves: [2, 2] });
    run.until('probe');
    const [probe] = run.pending.splice(0, 1);
    if (probe === undefined) throw new Error('a gate probes');
    run.tell(answer(probe, 'failed', run.state));
    run.until('revert');
    loseAt(run, 'revert');
    expectLost(run);
  });
});

test('two runs begin with the same host, whichever host is its canary', () => {
  const plan = planOf({ waves: [1, 2] });
  const [canary, ...others] = plan.hosts;
  if (canary === undefined) throw new Error('a plan has hosts');
  const hosts = [{ ...canary, machineId: 'machine-z' }, ...others];
  const { effects } = advance(beginState({ ...plan, hosts }), { kind: 'begin' });
  expect(effects).toEqual([{ kind: 'claim', host: 'h2' }]);
});

test('among clones, which share a machine-id, two runs begin with the same host too', () => {
  const plan = planOf({ waves: [1, 2] });
  const [first, ...others] = plan.hosts.map((host) => ({ ...host, machineId: 'clone' }));
  if (first === undefined) throw new Error('a plan has hosts');
  for (const hosts of [
    [first, ...others],
    [...others, first],
  ]) {
    const { effects } = advance(beginState({ ...plan, hosts }), { kind: 'begin' });
    expect(effects).toEqual([{ kind: 'claim', host: 'h1' }]);
  }
});

test('the host with the lowest machine-id is claimed before all others', () => {
  const run = new HandRun({ waves: [1, 2] });
  expect(run.pending).toEqual([{ kind: 'claim', host: 'h1' }]);
  run.tell({ kind: 'claimed', host: asHostName('h1'), result: { kind: 'ok' } });
  expect(run.sent('claim')).toEqual(['h1', 'h2', 'h3']);
});
