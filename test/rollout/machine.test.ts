import { describe, expect, test } from 'vitest';
import type { HostName } from '../../src/model/names.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import { planOf } from '../fixtures/plan.js';
import { play, type Script } from './support/driver.js';

const failing =
  (kind: Effect['kind'], ...hosts: string[]): Script =>
  (effect) =>
    effect.kind === kind && hosts.some((host) => 'host' in effect && effect.host === host)
      ? 'failed'
      : 'ok';

const sent = (effects: readonly Effect[], kind: Effect['kind']): readonly HostName[] =>
  effects.flatMap((effect) =>
    effect.kind === kind && 'host' in effect && effect.host !== null ? [effect.host] : [],
  );

describe('a run in which nothing fails', () => {
  test('activates wave after wave and succeeds', () => {
    const { conclusion, effects, notices } = play(planOf({ waves: [1, 2, 3] }));
    expect(conclusion).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect(sent(effects, 'switch')).toEqual(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
    const phases = notices.flatMap((notice) =>
      notice.type === 'phase-started' ? [`${notice.phase} ${notice.wave ?? ''}`.trim()] : [],
    );
    expect(phases).toEqual(['claiming', 'staging', 'wave 0', 'wave 1', 'wave 2', 'finalizing']);
  });

  test('probes every host activated so far at each gate', () => {
    const { effects } = play(planOf({ waves: [1, 1, 2] }));
    expect(sent(effects, 'probe')).toEqual(['h1', 'h1', 'h2', 'h1', 'h2', 'h3', 'h4']);
  });

  test('waits for the bake before the gate', () => {
    const { effects } = play(planOf({ waves: [1, 1], policy: { bakeMs: 700 } }));
    const order = effects.map((effect) => effect.kind).filter((kind) => /wait|probe/.test(kind));
    expect(order).toEqual(['wait', 'probe', 'wait', 'probe', 'probe']);
  });

  test('sends nothing where the release is there already', () => {
    const { effects, conclusion } = play(planOf({ waves: [1, 1], upload: false }));
    expect(sent(effects, 'stage')).toEqual([]);
    expect(conclusion.state).toBe('succeeded');
  });

  test('is partial where preflight skipped hosts', () => {
    const { conclusion } = play(planOf({ waves: [1, 1], skipped: 1 }));
    expect(conclusion).toMatchObject({ state: 'succeeded_partial', exitCode: 3 });
    expect(conclusion.hosts.at(-1)).toMatchObject({ host: 'gone1', state: 'skipped' });
  });
});

describe('a canary that fails', () => {
  test('is rolled back, and no other host is activated', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 19] }), {
      script: failing('switch', 'h1'),
    });
    expect(sent(effects, 'switch')).toEqual(['h1']);
    expect(sent(effects, 'revert')).toEqual(['h1']);
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
    expect(conclusion.hosts[0]).toMatchObject({
      state: 'reverted',
      error: { message: 'h1 broke' },
    });
  });

  test('that could not be armed was never touched: nothing is sent to roll it back', () => {
    for (const onFailure of ['rollback-run', 'hold'] as const) {
      const { conclusion, effects } = play(planOf({ waves: [1, 2], policy: { onFailure } }), {
        script: (effect) => (effect.kind === 'switch' ? 'untouched' : 'ok'),
      });
      expect(sent(effects, 'revert')).toEqual([]);
      expect(conclusion).toMatchObject({ state: 'aborted_clean', exitCode: 4 });
      expect(conclusion.hosts[0]).toMatchObject({
        state: 'failed',
        error: { code: 'step_failed' },
      });
    }
  });

  test('that could not be armed in a later wave has the others rolled back, and no more', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 1] }), {
      script: (effect) => (effect.kind === 'switch' && effect.host === 'h2' ? 'untouched' : 'ok'),
    });
    expect(sent(effects, 'revert')).toEqual(['h1']);
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });

  test('that cannot be rolled back leaves the rollback incomplete', () => {
    const { conclusion } = play(planOf({ waves: [1, 2] }), {
      script: (effect) => (['switch', 'revert'].includes(effect.kind) ? 'failed' : 'ok'),
    });
    expect(conclusion).toMatchObject({ state: 'rollback_incomplete', exitCode: 6 });
  });

  test('is one whose confirmation the host refuses, too: it is rolled back', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 2] }), {
      script: failing('confirm', 'h1'),
    });
    expect(sent(effects, 'revert')).toEqual(['h1']);
    expect(sent(effects, 'switch')).toEqual(['h1']);
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });

  test('trips the run even where waves tolerate failures', () => {
    const { conclusion } = play(planOf({ waves: [1, 4], tolerateWave: 2, tolerateRun: 2 }), {
      script: failing('switch', 'h1'),
    });
    expect(conclusion.state).toBe('rolled_back');
  });
});

describe('a failure in a later wave', () => {
  const script = failing('switch', 'h3');

  test('rolls back every touched host under rollback-run', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 3] }), { script });
    expect([...sent(effects, 'revert')].sort()).toEqual(['h1', 'h2', 'h3', 'h4']);
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });

  test('rolls back only its wave under rollback-wave', () => {
    const plan = planOf({ waves: [1, 3], policy: { onFailure: 'rollback-wave' } });
    const { conclusion, effects } = play(plan, { script });
    expect([...sent(effects, 'revert')].sort()).toEqual(['h2', 'h3', 'h4']);
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 5 });
  });

  test('rolls back only itself under rollback-host', () => {
    const plan = planOf({ waves: [1, 3], policy: { onFailure: 'rollback-host' } });
    const { conclusion, effects } = play(plan, { script });
    expect(sent(effects, 'revert')).toEqual(['h3']);
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 5 });
  });

  test('leaves everything as it is under hold', () => {
    const plan = planOf({ waves: [1, 3], policy: { onFailure: 'hold' } });
    const { conclusion, effects } = play(plan, { script });
    expect(effects.filter((effect) => effect.kind === 'revert')).toEqual([
      { kind: 'revert', host: 'h3', mode: 'hold' },
    ]);
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 5 });
    expect(conclusion.hosts[2]).toMatchObject({ state: 'down' });
  });

  test('within tolerance lets the run continue, and it ends as partial', () => {
    const plan = planOf({ waves: [1, 3], tolerateWave: 1, tolerateRun: 1 });
    const { conclusion } = play(plan, { script });
    expect(conclusion).toMatchObject({ state: 'succeeded_partial', exitCode: 3 });
    expect(conclusion.hosts.map((host) => host.state)).toEqual([
      'done',
      'done',
      'reverted',
      'done',
    ]);
  });

  test('awaits and reports every host in flight, also those that fail in other ways', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 4] }), {
      script: (effect) => {
        if (effect.kind === 'switch' && effect.host === 'h3') return 'failed';
        const silent = effect.kind === 'switch' || effect.kind === 'finish';
        return silent && effect.host === 'h5' ? 'lost' : 'ok';
      },
    });
    expect(conclusion.hosts.map((host) => host.state)).toEqual([
      'reverted',
      'reverted',
      'reverted',
      'reverted',
      'unknown',
    ]);
    expect(conclusion).toMatchObject({ state: 'rollback_incomplete', exitCode: 6 });
    expect(sent(effects, 'finish')).toHaveLength(5);
  });

  test('takes the final reading of a host that its rollback timer settled meanwhile', () => {
    const { conclusion } = play(planOf({ waves: [1, 4] }), {
      script: (effect) => (effect.kind === 'switch' && effect.host === 'h5' ? 'lost' : 'ok'),
    });
    expect(conclusion.hosts.at(-1)).toMatchObject({
      state: 'reverted',
      error: { code: 'step_failed' },
    });
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });
});

describe('failures before anything is activated', () => {
  test('a refused claim ends the run with every claim given up', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 2] }), {
      script: failing('claim', 'h2'),
    });
    expect(sent(effects, 'stage')).toEqual([]);
    expect([...sent(effects, 'finish')].sort()).toEqual(['h1', 'h2', 'h3']);
    expect(conclusion.state).toBe('refused');
  });

  test('a failed upload leaves every host untouched', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 2] }), {
      script: failing('stage', 'h3'),
    });
    expect(sent(effects, 'switch')).toEqual([]);
    expect(conclusion).toMatchObject({ state: 'aborted_clean', exitCode: 4 });
  });
});

describe('a gate', () => {
  test('that finds an earlier host sick stops the run and rolls it back first', () => {
    let looks = 0;
    const { conclusion, effects } = play(planOf({ waves: [1, 2, 3] }), {
      script: (effect) => {
        if (effect.kind !== 'probe' || effect.host !== 'h1') return 'ok';
        looks += 1;
        return looks === 2 ? 'failed' : 'ok';
      },
    });
    expect(sent(effects, 'switch')).toEqual(['h1', 'h2', 'h3']);
    expect(sent(effects, 'revert')[0]).toBe('h1');
    expect(conclusion).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });

  test('without data asks again until its patience ends, and never passes', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 2] }), {
      script: (effect) => (effect.kind === 'probe' ? 'lost' : 'ok'),
    });
    expect(effects.filter((effect) => effect.kind === 'wait')).toEqual([
      { kind: 'wait', ms: 5000 },
      { kind: 'wait', ms: 5000 },
    ]);
    expect(sent(effects, 'switch')).toEqual(['h1']);
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 5 });
  });

  test('without data at first passes when the data comes', () => {
    let looks = 0;
    const { conclusion } = play(planOf({ waves: [1, 2] }), {
      script: (effect) => {
        if (effect.kind !== 'probe') return 'ok';
        looks += 1;
        return looks === 1 ? 'lost' : 'ok';
      },
    });
    expect(conclusion.state).toBe('succeeded');
  });
});

describe('Ctrl-C', () => {
  test('before any activation leaves the fleet untouched', () => {
    const { conclusion, effects } = play(planOf({ waves: [1, 2] }), { interruptAfter: 2 });
    expect(sent(effects, 'switch')).toEqual([]);
    expect(conclusion).toMatchObject({ state: 'aborted_clean', exitCode: 130 });
  });

  test('in a wave finishes hosts in flight and starts no other', () => {
    const plan = planOf({ waves: [1, 4], upload: false, maxUnavailable: 2 });
    const { conclusion, effects } = play(plan, { interruptAfter: 8 });
    expect(sent(effects, 'switch')).toEqual(['h1', 'h2', 'h3']);
    expect(sent(effects, 'revert')).toEqual([]);
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 130 });
  });

  test.each([
    { skipped: 0, state: 'succeeded' },
    { skipped: 1, state: 'succeeded_partial' },
  ])('while the last host is activated leaves nothing mixed: $state', ({ skipped, state }) => {
    const plan = planOf({ waves: [1, 2], upload: false, maxUnavailable: 2, skipped });
    const { conclusion, effects } = play(plan, { interruptAfter: 8 });
    expect(sent(effects, 'switch')).toEqual(['h1', 'h2', 'h3']);
    expect(sent(effects, 'probe')).toEqual(['h1']);
    expect(conclusion).toMatchObject({ state, exitCode: 130 });
  });

  test('while the activation of the last host fails leaves a mixed fleet', () => {
    const plan = planOf({ waves: [1, 2], upload: false, maxUnavailable: 2 });
    const { conclusion } = play(plan, {
      interruptAfter: 7,
      script: (effect) => (effect.kind === 'switch' && effect.host === 'h3' ? 'failed' : 'ok'),
    });
    expect(conclusion).toMatchObject({ state: 'stopped_mixed', exitCode: 130 });
    expect(conclusion.hosts.at(-1)).toMatchObject({ host: 'h3', state: 'reverted' });
  });
});

describe('the last reading', () => {
  test('outranks memory: a host that contradicts it is unknown', () => {
    const { conclusion } = play(planOf({ waves: [1, 2] }), {
      script: (effect) => (effect.kind === 'finish' && effect.host === 'h2' ? 'lost' : 'ok'),
    });
    expect(conclusion).toMatchObject({ state: 'rollback_incomplete', exitCode: 6 });
    expect(conclusion.hosts[1]).toMatchObject({ state: 'unknown' });
  });
});
