import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../src/events/event.js';
import { isSettled, phaseKeys, rowOf } from '../../../src/ui/view/phase-rows.js';
import { createLiveView } from '../../../src/ui/view/reduce.js';
import type { View } from '../../../src/ui/view/view.js';
import { type Scenario, syntheticRun } from '../support/synthetic-run.js';
import { viewOf } from '../support/view-of.js';

const rowsOf = (view: View): readonly string[] =>
  phaseKeys(view).flatMap((key) => {
    const row = rowOf(view, key);
    return row === null ? [] : [`${row.phase}${row.wave ?? ''} ${row.state}`];
  });

/** The view of a run up to an event, that one included. */
function viewUntil(scenario: Scenario, isLast: (event: FleetEvent) => boolean): View {
  const events = syntheticRun(20, scenario);
  return viewOf(events.slice(0, events.findIndex(isLast) + 1));
}

const begins = (phase: string, wave: number | null) => (event: FleetEvent) =>
  event.type === 'phase-started' && event.phase === phase && event.wave === wave;

describe('the rows of a run', () => {
  test('are only preflight before the plan', () => {
    expect(rowsOf(viewOf([]))).toEqual(['preflight waiting']);
    const asked = viewUntil('success', ({ type }) => type === 'preflight-host');
    expect(rowsOf(asked)).toEqual(['preflight active']);
  });

  test('are those of the plan from its start on', () => {
    const wave = viewUntil('success', begins('wave', 1));
    expect(rowsOf(wave)).toEqual([
      'preflight done',
      'claiming done',
      'staging done',
      'wave0 done',
      'wave1 active',
      'wave2 waiting',
      'wave3 waiting',
      'finalizing waiting',
    ]);
  });

  test('have the wave that a stop ends as failed, and later ones as skipped', () => {
    const rows = rowsOf(viewOf(syntheticRun(20, 'mid')));
    expect(rows.slice(3)).toEqual([
      'wave0 done',
      'wave1 done',
      'wave2 failed',
      'wave3 skipped',
      'stopping done',
      'rolling-back done',
      'finalizing done',
    ]);
  });

  test('are all settled once the run has ended', () => {
    for (const scenario of ['success', 'canary', 'hold', 'down'] as const) {
      const view = viewOf(syntheticRun(20, scenario));
      expect(phaseKeys(view).filter((key) => !isSettled(view, key))).toEqual([]);
    }
  });
});

describe('the rows of a display that ends before its run', () => {
  const over = (events: readonly FleetEvent[]): View => {
    const live = createLiveView();
    for (const event of events) live.apply(event);
    live.close();
    return live.view;
  };

  test('have preflight as failed if a host failed or did not answer', () => {
    const failed = syntheticRun(5, 'unreachable');
    expect(rowsOf(over(failed))).toEqual(['preflight failed']);
    expect(rowsOf(over(syntheticRun(5, 'success').slice(0, 8)))).toEqual(['preflight failed']);
  });

  test('have preflight as done if every host answered without a failure', () => {
    const events = syntheticRun(5, 'success');
    const start = events.findIndex(({ type }) => type === 'run-started');
    expect(rowsOf(over(events.slice(0, start)))).toEqual(['preflight done']);
  });

  test('do not have an unfinished phase as done', () => {
    const events = syntheticRun(20, 'success');
    const rows = rowsOf(over(events.slice(0, events.findIndex(begins('wave', 1)) + 1)));
    expect(rows.slice(3, 6)).toEqual(['wave0 done', 'wave1 failed', 'wave2 skipped']);
  });
});
