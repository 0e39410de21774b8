import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectSchema } from '../../src/rollout/state/effect.js';
import { runInputSchema } from '../../src/rollout/state/input.js';
import { planOf } from '../fixtures/plan.js';
import { type Answer, answer, play } from './support/driver.js';

const effects = effectSchema();
const inputs = runInputSchema();

const asSent = (value: object): unknown => JSON.parse(JSON.stringify(value));

test('effects and inputs of a run can be sent as JSON, and match their schemas', () => {
  const answers = fc.array(fc.constantFrom<Answer>('ok', 'failed', 'lost', 'untouched'));
  fc.assert(
    fc.property(answers, fc.integer({ min: 0, max: 20 }), (script, interruptAfter) => {
      let next = 0;
      play(planOf({ waves: [1, 2] }), {
        interruptAfter,
        script: (effect, state) => {
          next += 1;
          const how = script[next % Math.max(1, script.length)] ?? 'ok';
          expect(effects.parse(asSent(effect))).toEqual(asSent(effect));
          const input = answer(effect, how, state);
          expect(inputs.parse(asSent(input))).toEqual(asSent(input));
          return how;
        },
      });
    }),
  );
});
