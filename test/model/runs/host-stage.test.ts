import { expect, test } from 'vitest';
import { STAGE_TRAITS, stagesWhere } from '../../../src/model/runs/host-stage.js';
import { HOST_STAGES } from '../../../src/model/runs/run.js';

test.each(HOST_STAGES)('the traits of %s do not contradict each other', (stage) => {
  const traits = STAGE_TRAITS[stage];
  if (traits.inFlight)
    expect(traits).toMatchObject({
      working: true,
      holds: stage === 'preparing' ? 'before' : 'unknown',
    });
  if (traits.working) expect(traits).toMatchObject({ final: false, settled: false });
  if (traits.broken) expect(traits).toMatchObject({ failed: true, final: true });
  if (traits.settled) expect(traits).toMatchObject({ final: true, reached: 'switch' });
});

test('each stage has its own place where stages are counted', () => {
  const ranks = HOST_STAGES.map((stage) => STAGE_TRAITS[stage].rank).toSorted((a, b) => a - b);
  expect(ranks).toEqual(HOST_STAGES.map((_, place) => place));
});

test('a host counts against max_unavailable while it is prepared, and while current may move', () => {
  const counted = stagesWhere(({ inFlight }) => inFlight);
  expect(counted).toEqual(['preparing', 'switching', 'confirming', 'reverting']);
});
