import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outOfService } from '../../src/rollout/limits/budget.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import { isInFlight } from '../../src/rollout/state/host-run.js';
import { hostOf, type RolloutState } from '../../src/rollout/state/state.js';
import { type PlanShape, planOf } from '../fixtures/plan.js';
import { type Answer, play } from './support/driver.js';

const shapes: fc.Arbitrary<PlanShape> = fc
  .record({
    waves: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
    maxUnavailable: fc.integer({ min: 1, max: 6 }),
    tolerateWave: fc.integer({ min: 0, max: 2 }),
    tolerateRun: fc.integer({ min: 0, max: 3 }),
    upload: fc.boolean(),
    sick: fc.subarray(['h1', 'h2', 'h5']),
    fresh: fc.subarray(['h3', 'h5', 'h6']),
    skipped: fc.integer({ min: 0, max: 1 }),
    onFailure: fc.constantFrom(
      'hold' as const,
      'rollback-host' as const,
      'rollback-wave' as const,
      'rollback-run' as const,
    ),
    bakeMs: fc.constantFrom(0, 100),
  })
  .map(({ onFailure, bakeMs, ...shape }) => ({ ...shape, policy: { onFailure, bakeMs } }));

const answers = fc.infiniteStream(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Answer>('ok') },
    { weight: 1, arbitrary: fc.constant<Answer>('failed') },
    { weight: 1, arbitrary: fc.constant<Answer>('lost') },
  ),
);
const picks = fc.infiniteStream(fc.nat(1000));
const interrupts = fc.option(fc.nat(60), { nil: undefined });

const take = <T>(stream: fc.Stream<T>): T => {
  const { value } = stream.next();
  if (value === undefined) throw new Error('the stream has ended');
  return value;
};

/** I4: hosts that leave service in this transition stay within the budget, unless they were out already. */
function checkBudget(before: RolloutState, after: RolloutState, effects: readonly Effect[]): void {
  const left = effects.filter((effect) => {
    if (effect.kind !== 'switch' && effect.kind !== 'revert') return false;
    // A gate may find a host sick in this very transition: then it was out before it was worked on.
    return !outOfService(before).includes(effect.host) && !hostOf(after, effect.host).failed;
  });
  const serving = left.filter(
    (effect) => 'host' in effect && effect.host !== null && isServing(before, effect.host),
  );
  if (serving.length === 0) return;
  expect(outOfService(after).length).toBeLessThanOrEqual(after.plan.limits.maxUnavailable);
}

const isServing = (state: RolloutState, name: Parameters<typeof hostOf>[1]): boolean => {
  const host = hostOf(state, name);
  return !isInFlight(host) && (host.plan.condition.kind === 'serving' || host.stage === 'done');
};

/** I8: after a stop no host is activated. I5: a wave starts only behind its gate. */
function checkSwitches(
  before: RolloutState,
  after: RolloutState,
  effects: readonly Effect[],
): void {
  const switches = effects.filter((effect) => effect.kind === 'switch');
  if (before.stop !== null || after.stop !== null) expect(switches).toEqual([]);
  for (const effect of switches) {
    const { wave } = hostOf(after, effect.host).plan;
    expect(after.activity).toEqual({ kind: 'wave', wave });
    for (const host of [...after.hosts].filter(
      (other) => other.plan.wave < wave && other.stage === 'done',
    )) {
      expect(host.probe).toEqual({ kind: 'healthy' });
    }
  }
}

test('whatever hosts do, in whatever order, a run ends and the invariants hold', () => {
  fc.assert(
    fc.property(shapes, answers, picks, interrupts, (shape, answer, pick, interruptAfter) => {
      const played = play(planOf(shape), {
        script: () => take(answer),
        pick: (pending) => take(pick) % Math.max(1, pending.length),
        ...(interruptAfter === undefined ? {} : { interruptAfter }),
        check(before, after, effects) {
          checkBudget(before, after, effects);
          checkSwitches(before, after, effects);
        },
      });
      expect(played.notices.filter((notice) => notice.type === 'stopped').length).toBeLessThan(2);
      for (const host of played.state.hosts) expect(isInFlight(host)).toBe(false);
      if (played.conclusion.state === 'succeeded') {
        expect([...played.state.hosts].every((host) => host.stage === 'done' && !host.failed)).toBe(
          true,
        );
      }
    }),
    { numRuns: 2000 },
  );
});
