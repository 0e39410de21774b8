import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../src/events/event.js';
import { createStyle } from '../../../src/ui/terminal/style.js';
import { phaseDetail } from '../../../src/ui/view/phase-row.js';
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

test('a long upload shows how much of it is sent, until all hosts have the release', () => {
  const events = syntheticRun(20, 'success');
  const begun = events.findIndex(begins('staging', null));
  const sent = { type: 'upload-progress', sentBytes: 6.1e9, totalBytes: 25e9 } as const;
  const live = createLiveView();
  for (const event of events.slice(0, begun + 1)) live.apply(event);
  const detail = () => {
    const phase = live.view.phases.findLast(({ phase: name }) => name === 'staging');
    return (
      phase &&
      phaseDetail(phase, live.view, { style: createStyle({ color: false, unicode: true }), now: 0 })
    );
  };
  expect(detail()).toBe('0/20 staged');
  const at = events[begun]?.at ?? '';
  live.apply({ at, run: null, seq: 0, ...sent });
  expect(detail()).toBe('0/20 staged, 6.1 GB of 25.0 GB sent');
  for (const event of events.slice(begun + 1)) live.apply(event);
  expect(detail()).toBe('20/20 staged');
});

test('a stop in the middle of the uploads says how many hosts have the release, and what is still sent', () => {
  const events = syntheticRun(20, 'success');
  const begun = events.findIndex(begins('staging', null));
  const live = createLiveView();
  for (const event of events.slice(0, begun + 1)) live.apply(event);
  const at = events[begun]?.at ?? '';
  const stamp = { at, run: null, seq: 0 };
  for (const host of live.view.hosts.keys()) {
    const stage = host.endsWith('1') ? 'staged' : 'staging';
    live.apply({ ...stamp, type: 'host-stage', host, wave: 0, stage });
  }
  live.apply({ ...stamp, type: 'upload-progress', sentBytes: 1e9, totalBytes: 2e9 });
  live.apply({ ...stamp, type: 'stopped', reason: { kind: 'interrupted' } });
  live.apply({ ...stamp, type: 'phase-ended', phase: 'staging', wave: null });
  live.apply({ ...stamp, type: 'phase-started', phase: 'stopping', wave: null, hosts: [] });
  const look = { style: createStyle({ color: false, unicode: true }), now: 0 };
  expect(live.view.phases.slice(-2).map((phase) => phaseDetail(phase, live.view, look))).toEqual([
    '2/20 staged',
    'hosts in flight reach a settled state, 1.0 GB of 2.0 GB sent',
  ]);
});
