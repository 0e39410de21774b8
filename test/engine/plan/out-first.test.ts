import { describe, expect, test } from 'vitest';
import { outFirst } from '../../../src/engine/plan/out-first.js';
import { refuseBlocked } from '../../../src/engine/plan/refuse-blocked.js';
import { flagsOf } from '../../../src/model/releases/choose/retype.js';
import { planOf } from '../../fixtures/plan.js';

describe('the waves of a resumed run', () => {
  test('have what went out of service since before every host that is left', () => {
    const plan = outFirst(
      planOf({
        waves: [1, 2, 3],
        done: ['h1', 'h2'],
        sick: ['h5', 'h6'],
        approvals: [1, 2],
        tolerateWave: 1,
      }),
    );
    expect(plan.waves).toEqual([['h1'], ['h2', 'h5', 'h6'], ['h3'], ['h4']]);
    expect(plan.hosts.map(({ host, wave }) => `${host.name} ${wave}`)).toEqual([
      'h1 0',
      'h2 1',
      'h5 1',
      'h6 1',
      'h3 2',
      'h4 3',
    ]);
    expect(plan.approvals).toEqual([1, 3]);
    expect(plan.limits.tolerateWave).toEqual([0, 1, 1, 1]);
  });

  test('stay as they are where none did, or nothing else is left', () => {
    const well = planOf({ waves: [1, 2], done: ['h1'] });
    expect(outFirst(well)).toEqual(well);
    const dead = planOf({ waves: [1, 2], done: ['h1'], sick: ['h2', 'h3'] });
    expect(outFirst(dead).waves).toEqual(dead.waves);
  });
});

describe('a plan that cannot proceed', () => {
  const refusal = (shape: Parameters<typeof planOf>[0]) => () =>
    refuseBlocked(planOf(shape), flagsOf);

  test('is refused where hosts that cannot be reached leave no room', () => {
    expect(refusal({ waves: [1, 4], maxUnavailable: 2, skipped: 2 })).toThrow(
      'at most 2 of 7 hosts may be out of service, and gone1, gone2 are out already and stay so',
    );
    expect(refusal({ waves: [1, 4], maxUnavailable: 3, skipped: 2 })).not.toThrow();
  });

  test('is not where no host that serves has to be worked on', () => {
    const shape = { waves: [1, 1], maxUnavailable: 1, skipped: 2 } as const;
    expect(refusal({ ...shape, sick: ['h1'], fresh: ['h2'] })).not.toThrow();
    expect(refusal({ ...shape, sick: ['h1'], done: ['h2'] })).not.toThrow();
    expect(refusal(shape)).toThrow(/max_unavailable|at most 1/);
  });
});
