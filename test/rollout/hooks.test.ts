import { describe, expect, test } from 'vitest';
import type { HookBegun } from '../../src/model/runs/hooks/hook-begun.js';
import type { Hook } from '../../src/model/runs/hooks/hooks.js';
import type { Plan } from '../../src/model/runs/plan.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import { hookFixture } from '../fixtures/hooks.js';
import { type PlanShape, planOf } from '../fixtures/plan.js';
import { play, type Script } from './support/driver.js';

function planWith(
  hooks: readonly Hook[],
  shape: PlanShape = { waves: [1, 2] },
  hooksBegun: readonly HookBegun[] = [],
): Plan {
  const plan = planOf(shape);
  return { ...plan, app: { ...plan.app, hooks }, hooksBegun };
}

/** Effects as words: `switch h1`, `hook before_activate-1 h1`. */
const words = (effects: readonly Effect[]): readonly string[] =>
  effects.map((effect) => {
    if (effect.kind === 'wait') return 'wait';
    if (effect.kind === 'hook')
      return `${effect.turn}${effect.host === null ? '' : ` ${effect.host}`}`;
    return `${effect.kind} ${effect.host}`;
  });

const hooksOf = (effects: readonly Effect[]): readonly string[] =>
  words(effects.filter(({ kind }) => kind === 'hook'));

const failsHook =
  (id: string, how: 'failed' | 'lost' = 'failed'): Script =>
  (effect) =>
    effect.kind === 'hook' && effect.hook === id ? how : 'ok';

const migration = (change: Partial<Hook> = {}) =>
  hookFixture('before_activate', { per: 'run', ifFails: 'stop-run', ...change });

describe('a plan without hooks', () => {
  test('asks for no preparation', () => {
    const { effects } = play(planOf({ waves: [1, 2] }));
    expect(effects.some(({ kind }) => kind === 'prepare' || kind === 'hook')).toBe(false);
  });
});

describe('hooks of one host before its activation', () => {
  const plan = planWith([hookFixture('before_activate', {})]);

  test('have their turn in the wave, before each activation', () => {
    const { effects, conclusion } = play(plan);
    const order = words(effects).filter((word) => /^(prepare|switch)/.test(word));
    expect(order.slice(0, 2)).toEqual(['prepare h1', 'switch h1']);
    expect(order.filter((word) => word.startsWith('prepare'))).toHaveLength(3);
    expect(conclusion.state).toBe('succeeded');
  });

  test('that veto leave the host as it was, and count for the trip', () => {
    const { effects, conclusion } = play(plan, {
      script: ({ kind }) => (kind === 'prepare' ? 'failed' : 'ok'),
    });
    expect(words(effects)).not.toContain('switch h1');
    expect(words(effects)).not.toContain('prepare h2');
    expect(conclusion.state).toBe('aborted_clean');
    expect(conclusion.hosts[0]).toMatchObject({ host: 'h1', state: 'failed' });
  });

  test('that give no answer leave the host as it was too', () => {
    const { conclusion } = play(plan, {
      script: ({ kind }) => (kind === 'prepare' ? 'lost' : 'ok'),
    });
    expect(conclusion.state).toBe('aborted_clean');
  });

  test('of a host that was out of service hold the serving ones up, and it has had its turn if they fail', () => {
    const shape = { waves: [1, 1, 2], sick: ['h1', 'h2'], tolerateWave: 1, tolerateRun: 1 };
    const sick = planWith([hookFixture('before_activate', {})], { ...shape, maxUnavailable: 2 });
    const { effects, conclusion } = play(sick, {
      script: (effect) => (effect.kind === 'prepare' && effect.host === 'h2' ? 'failed' : 'ok'),
    });
    const order = words(effects).filter((word) => /^(prepare|switch)/.test(word));
    // h2 stays out, so that of two only one more may be out at once.
    const serving = ['prepare h3', 'switch h3', 'prepare h4', 'switch h4'];
    expect(order).toEqual(['prepare h1', 'switch h1', 'prepare h2', ...serving]);
    expect(conclusion.hosts.map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'done']);
  });

  test('are not followed by an activation once the run has stopped', () => {
    const { effects, conclusion } = play(planWith([hookFixture('before_activate', {})]), {
      // claim h1, h2, h3, stage h1, h2, h3; then h1 is being prepared.
      interruptAfter: 6,
    });
    expect(words(effects)).toContain('prepare h1');
    expect(words(effects)).not.toContain('switch h1');
    expect(conclusion).toMatchObject({ state: 'aborted_clean', exitCode: 130 });
    expect(conclusion.hosts[0]).toMatchObject({ state: 'staged' });
  });
});

describe('a hook of the run', () => {
  test('before the activation runs once, on the first host, before any host is activated', () => {
    const { effects } = play(planWith([migration()]));
    const order = words(effects).filter((word) => /^(before_activate|switch)/.test(word));
    expect(order).toEqual(['before_activate-1 h1', 'switch h1', 'switch h2', 'switch h3']);
  });

  test('runs on the first host of its groups', () => {
    const plan = planWith([migration({ groups: ['db'] })]);
    const hosts = plan.hosts.map((each) =>
      each.host.name === 'h3' ? { ...each, host: { ...each.host, groups: ['db'] } } : each,
    );
    expect(hooksOf(play({ ...plan, hosts }).effects)).toEqual(['before_activate-1 h3']);
    expect(hooksOf(play(plan).effects)).toEqual([]);
  });

  test('runs on another host if the first one has failed to stage', () => {
    const plan = planWith([migration()], { waves: [1, 2], tolerateRun: 1, tolerateWave: 1 });
    const swapped = { ...plan, limits: { ...plan.limits, tolerateWave: [1, 1] } };
    const { effects } = play(swapped, {
      script: (effect) => (effect.kind === 'stage' && effect.host === 'h1' ? 'failed' : 'ok'),
    });
    expect(hooksOf(effects)).toEqual(['before_activate-1 h2']);
  });

  test.each(['failed', 'lost'] as const)('that %s stops the run before anything moved', (how) => {
    const { effects, conclusion, state } = play(planWith([migration()]), {
      script: failsHook('before_activate-1', how),
    });
    expect(words(effects).some((word) => word.startsWith('switch'))).toBe(false);
    expect(conclusion.state).toBe('aborted_clean');
    expect(state.stop).toMatchObject({
      kind: 'hook-failed',
      point: 'before_activate',
      hosts: ['h1'],
    });
  });

  test('before staging comes first, and only if something is staged', () => {
    const hook = hookFixture('before_stage', { per: 'run', ifFails: 'stop-run' });
    const { effects } = play(planWith([hook]));
    const order = words(effects).filter((word) => /^(before_stage|stage)/.test(word));
    expect(order[0]).toBe('before_stage-1 h1');
    const there = play(planWith([hook], { waves: [1], upload: false }));
    expect(hooksOf(there.effects)).toEqual([]);
  });

  test('after the last gate can still have everything rolled back', () => {
    const hook = hookFixture('after_confirm', { per: 'run', ifFails: 'stop-run' });
    const { effects, conclusion } = play(planWith([hook]), {
      script: failsHook('after_confirm-1'),
    });
    expect(words(effects).filter((word) => word.startsWith('revert'))).toHaveLength(3);
    expect(conclusion.state).toBe('rolled_back');
  });

  test('that an earlier controller has run does not run again, and one that began is asked for on its host', () => {
    const done = { turn: 'before_activate-1', state: 'done', attempt: 1, host: null } as const;
    expect(hooksOf(play(planWith([migration()], undefined, [done])).effects)).toEqual([]);
    const open = {
      ...done,
      state: 'open',
      host: planWith([]).hosts[2]?.host.name ?? null,
    } as const;
    const { effects } = play(planWith([migration()], undefined, [open]));
    expect(hooksOf(effects)).toEqual(['before_activate-1 h3']);
  });
});

describe('hooks of a wave', () => {
  const hooks = [
    migration({ per: 'wave' }),
    hookFixture('after_confirm', { per: 'wave', where: 'bastion', ifFails: 'stop-run' }),
  ];

  test('run once around each wave', () => {
    const { effects } = play(planWith(hooks));
    const order = words(effects).filter((word) => /wave|switch|probe/.test(word));
    expect(order).toEqual([
      'before_activate-1.wave1 h1',
      'switch h1',
      'after_confirm-1.wave1',
      'probe h1',
      'before_activate-1.wave2 h2',
      'switch h2',
      'switch h3',
      'after_confirm-1.wave2',
      'probe h1',
      'probe h2',
      'probe h3',
    ]);
  });

  test('that a dead controller had still to run come before the next wave of a resumed run', () => {
    const plan = planWith(hooks, { waves: [1, 2], done: ['h1'] }, [
      { turn: 'before_activate-1.wave1', state: 'done', attempt: 1, host: null },
    ]);
    expect(hooksOf(play(plan).effects)).toEqual([
      'after_confirm-1.wave1',
      'before_activate-1.wave2 h2',
      'after_confirm-1.wave2',
    ]);
  });
});

describe('hooks at the end', () => {
  const hooks = [
    hookFixture('after_run', { per: 'run', where: 'bastion', ifFails: 'warn' }),
    hookFixture('on_failure', { per: 'run', ifFails: 'warn' }),
  ];
  const end = ({ effects }: { readonly effects: readonly Effect[] }) =>
    effects.flatMap((effect) => (effect.kind === 'hook' ? [[effect.hook, effect.result]] : []));

  test('are told how the run ended, and only a failed run has those of on_failure', () => {
    expect(end(play(planWith(hooks)))).toEqual([['after_run-1', 'succeeded']]);
    const failed = play(planWith(hooks), {
      script: ({ kind }) => (kind === 'switch' ? 'failed' : 'ok'),
    });
    expect(end(failed)).toEqual([
      ['after_run-1', 'rolled_back'],
      ['on_failure-1', 'rolled_back'],
    ]);
  });

  test('cannot change the result', () => {
    const { conclusion } = play(planWith(hooks), { script: failsHook('after_run-1') });
    expect(conclusion).toMatchObject({ state: 'succeeded', exitCode: 0 });
  });

  test('do not run after a refusal', () => {
    const refused = play(planWith(hooks), {
      script: ({ kind }) => (kind === 'claim' ? 'failed' : 'ok'),
    });
    expect(refused.conclusion.state).toBe('refused');
    expect(end(refused)).toEqual([]);
  });
});

test('an interrupt that leaves hooks after the activation leaves a run that can be resumed', () => {
  const hook = hookFixture('after_confirm', { per: 'run', ifFails: 'stop-run' });
  const plan = planWith([hook], { waves: [1], upload: false });
  // claim, switch, confirm; then the gate is open.
  const { conclusion } = play(plan, { interruptAfter: 3 });
  expect(conclusion).toMatchObject({ state: 'paused', exitCode: 130 });
  expect(conclusion.hosts[0]).toMatchObject({ state: 'done' });
});
