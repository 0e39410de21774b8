import { describe, expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/terminal/style.js';
import { displayWidth } from '../../../src/ui/terminal/width.js';
import { frameOf } from '../../../src/ui/tree/frame.js';
import type { PhaseRow } from '../../../src/ui/view/phase-row.js';
import { createLiveView } from '../../../src/ui/view/reduce.js';
import { type Scenario, syntheticRun } from '../support/synthetic-run.js';
import { viewOf } from '../support/view-of.js';

const style = createStyle({ color: false, unicode: true });
const size = { width: 79, height: 23, style, final: false, summaryFollows: false };

/** The run up to the first event that satisfies `when`, seen a second after it. */
function frameAt(count: number, scenario: Scenario, when: (type: string, i: number) => boolean) {
  const live = createLiveView();
  for (const [i, event] of syntheticRun(count, scenario).entries()) {
    live.apply(event);
    if (when(event.type, i)) break;
  }
  return live.view;
}

const rows: readonly PhaseRow[] = [
  { phase: 'preflight', wave: null, state: 'done' },
  { phase: 'claiming', wave: null, state: 'done' },
  { phase: 'staging', wave: null, state: 'done' },
  { phase: 'wave', wave: 0, state: 'active' },
  { phase: 'wave', wave: 1, state: 'waiting' },
  { phase: 'finalizing', wave: null, state: 'waiting' },
];

describe('a frame', () => {
  test('shows header, phases and the hosts in flight', () => {
    const view = frameAt(12, 'success', (type) => type === 'host-note');
    expect(frameOf(view, rows, { ...size, now: view.lastAt + 1000 })).toEqual([
      'Deploy shop → prod 20261123T160000-1f3c9a0 · 12 hosts                      0:04',
      '█████░░░░░░░░░░░░░░ 1 switching · 11 staged',
      '',
      '✔ Preflight        12/12 answered  0.0s',
      '✔ Claim            12/12 claimed  0.3s',
      '✔ Stage            12/12 staged  2.1s',
      expect.stringMatching(/^\S Wave 1 \(canary\) {2}1 switching {2}2s$/),
      '  Wave 2           1 host',
      '  Final read',
      '',
      '  web01  switching      2s  linked',
    ]);
  });

  test('distinguishes a wave that was done before a resume from one that was never started', () => {
    const skipped = (wave: number): PhaseRow => ({ phase: 'wave', wave, state: 'skipped' });
    const view = viewOf(syntheticRun(20, 'success'));
    const stopped = viewOf(syntheticRun(20, 'canary'));
    const lines = [
      ...frameOf(view, [skipped(0)], { ...size, now: view.lastAt }),
      ...frameOf(stopped, [skipped(1)], { ...size, now: stopped.lastAt }),
    ];
    const told = lines.filter((line) => line.includes('Wave')).map((line) => line.slice(0, 30));
    expect(told).toEqual(['↓ Wave 1 (canary)  done before', '↓ Wave 2           not started']);
  });

  test('puts failures first, one line for each reason', () => {
    const view = frameAt(20, 'mid', (type) => type === 'stopped');
    const lines = frameOf(view, rows, { ...size, now: view.lastAt });
    expect(lines[3]).toMatch(/^✖ web\d\d {2}\(wave 3\) verify, exit 1: shop\.service died/);
  });

  test.each([
    [80, 24],
    [200, 50],
    [40, 10],
    [20, 4],
    [10, 2],
  ])('fits a terminal of %dx%d at every event', (columns, height) => {
    const live = createLiveView();
    const waves = Array.from({ length: 12 }, (_, wave) => ({
      phase: 'wave' as const,
      wave,
      state: wave < 6 ? ('done' as const) : ('active' as const),
    }));
    for (const [i, event] of syntheticRun(300, 'mid').entries()) {
      live.apply(event);
      if (i % 23 !== 0) continue;
      const look = { ...size, width: columns - 1, height: height - 1, now: live.view.lastAt };
      const lines = frameOf(live.view, [...rows, ...waves], look);
      expect(lines.length).toBeLessThanOrEqual(height - 1);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns - 1);
    }
  });

  test('keeps the running phase in sight among many', () => {
    const view = frameAt(20, 'success', (type) => type === 'run-started');
    const many = Array.from({ length: 40 }, (_, i) => ({
      phase: 'wave' as const,
      wave: i,
      state: i < 20 ? ('done' as const) : i === 20 ? ('active' as const) : ('waiting' as const),
    }));
    const lines = frameOf(view, many, { ...size, now: view.lastAt });
    expect(lines.some((line) => line.includes('Wave 21'))).toBe(true);
    expect(lines.some((line) => /^ {2}\d+ before$/.test(line))).toBe(true);
    expect(lines.some((line) => /^ {2}\d+ to come$/.test(line))).toBe(true);
  });

  test('contains no escape sequence of a host', () => {
    const view = viewOf(syntheticRun(3, 'canary'));
    const failed = view.failed.values().next().value;
    expect(failed).toBeDefined();
    const live = createLiveView();
    for (const event of syntheticRun(3, 'canary')) {
      live.apply(
        event.type === 'host-note' ? { ...event, note: '\x1b[2Jwiped\x1b]0;t\x07' } : event,
      );
      const text = frameOf(live.view, rows, { ...size, now: live.view.lastAt }).join('\n');
      expect(text).not.toContain('\x1b');
    }
  });
});
