import { describe, expect, test } from 'vitest';
import { advance } from '../../src/rollout/machine.js';
import type { Effect } from '../../src/rollout/state/effect.js';
import type { ProbeReading } from '../../src/rollout/state/input.js';
import { beginState } from '../../src/rollout/state/state.js';
import { type PlanShape, planOf } from '../fixtures/plan.js';
import { answer, play } from './support/driver.js';

const probes = (effects: readonly Effect[]) =>
  effects.flatMap((each) =>
    each.kind === 'probe' || (each.kind === 'confirm' && each.probe === true) ? [each.kind] : [],
  );

describe('the last gate', () => {
  test('probes a host that is alone in the call that confirms it', () => {
    const { effects, notices, conclusion } = play(planOf({ waves: [1] }));
    expect(probes(effects)).toEqual(['confirm']);
    expect(notices).toContainEqual(
      expect.objectContaining({ type: 'gate-judged', verdict: 'pass' }),
    );
    expect(conclusion.state).toBe('succeeded');
  });

  test.each<[string, PlanShape]>([
    ['each of several hosts when all are settled', { waves: [2] }],
    ['hosts of earlier waves too', { waves: [1, 1] }],
    ['a host once more after a bake', { waves: [1], policy: { bakeMs: 700 } }],
  ])('probes %s', (_, shape) => {
    const { effects } = play(planOf(shape));
    expect(probes(effects)).not.toContain('confirm');
    expect(probes(effects)).toContain('probe');
  });

  test('that finds the confirmed host sick fails, and the host rolls back under its lock', () => {
    const failure = { code: 'probe_failed', message: 'the probe fails' } as const;
    const sent = runAlone({ kind: 'unhealthy', failure });
    expect(sent).toEqual(['claim', 'stage', 'switch', 'confirm', 'revert', 'finish']);
  });

  test('whose probe is lost is asked again', () => {
    const sent = runAlone(undefined);
    expect(sent).toEqual(['claim', 'stage', 'switch', 'confirm', 'probe', 'finish']);
  });
});

/** What is sent to a host that is alone and confirmed, with that probe reading or none. */
function runAlone(probe: ProbeReading | undefined): readonly Effect['kind'][] {
  let state = beginState(planOf({ waves: [1], policy: { onFailure: 'rollback-run' } }));
  const sent: Effect['kind'][] = [];
  const pending: Effect[] = [];
  const tell = (input: Parameters<typeof advance>[1]): void => {
    const step = advance(state, input);
    state = step.state;
    pending.push(...step.effects);
  };
  tell({ kind: 'begin' });
  for (let effect = pending.shift(); effect !== undefined; effect = pending.shift()) {
    sent.push(effect.kind);
    const input = answer(effect, 'ok', state);
    tell(input.kind === 'confirmed' ? { ...input, probe } : input);
  }
  return sent;
}
