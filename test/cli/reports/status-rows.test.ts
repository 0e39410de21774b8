import { describe, expect, test } from 'vitest';
import { statusRows } from '../../../src/cli/reports/status-rows.js';
import type { HostFacts, UnitReading } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import { factsOf, unitOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';
import { READING } from '../../fixtures/reading.js';
import { known } from '../../model/support/known-releases.js';

const r1 = asReleaseId('r1');
const r2 = asReleaseId('r2');
const releases = [known('r1', 1), known('r2', 2)].map((each) => ({
  ...each,
  since: '2026-01-01T00:00:00Z',
}));

function rowOf(change: Partial<HostFacts>) {
  const current = { kind: 'link', release: r2 } as const;
  const facts = factsOf({ current, left: r2, releases, ...change });
  const [row] = statusRows(
    [{ kind: 'read', reading: READING, host: hostFixture('web1'), facts }],
    appOf(),
  );
  if (row === undefined) throw new Error('a row a host');
  return row;
}

const withUnit = (change: Partial<UnitReading>) => ({ units: [unitOf(change)] });

describe('a status', () => {
  test('shows no drift if the host is as fleet left it', () => {
    const row = rowOf(withUnit({ serving: r2, servingBy: 'record' }));
    const well = { linkMoved: false, restartPending: false, restarted: false, drift: null };
    expect(row).toMatchObject({ serving: 'r2', servingBy: 'record', ...well });
  });

  test('tells of a link that was moved by hand, with and without a restart', () => {
    const moved = 'current was moved by hand; fleet left it on r1';
    const after = withUnit({ serving: r2, servingBy: 'start-time', restarted: true });
    expect(rowOf({ left: r1, ...after })).toMatchObject({
      ...{ serving: 'r2', linkMoved: true, restartPending: false, restarted: true, drift: moved },
    });
    const before = withUnit({ serving: r1, servingBy: 'record', pending: true });
    const pending = 'restart pending: current was moved after it was started';
    expect(rowOf({ left: r1, ...before })).toMatchObject({
      ...{ serving: 'r1', linkMoved: true, restartPending: true },
      drift: `shop.service runs r1, ${pending}, ${moved}`,
    });
  });

  test('tells of a process that is older than the link, though not of what it runs', () => {
    expect(rowOf(withUnit({ pending: true }))).toMatchObject({
      ...{ serving: null, servingBy: null, restartPending: true },
      drift: 'the process of shop.service is older than current, restart pending',
    });
  });

  test('a unit that was restarted by hand is no drift', () => {
    const row = rowOf(withUnit({ serving: r2, servingBy: 'start-time', restarted: true }));
    expect(row).toMatchObject({ restarted: true, drift: null });
  });

  test('does not call the link moved while a run moves it, nor where fleet never did', () => {
    expect(rowOf({ left: r1, run: asRunId('run9'), phase: 'linked' }).linkMoved).toBe(false);
    expect(rowOf({ left: null }).linkMoved).toBe(false);
  });

  test('tells of a link that is gone', () => {
    expect(rowOf({ current: { kind: 'absent' } }).drift).toContain(
      'current is gone; fleet left it on r2',
    );
  });

  test('shows the unit that runs something else', () => {
    const units = [
      unitOf({ serving: r2, servingBy: 'process' }),
      unitOf({ unit: 'worker.service', serving: r1, servingBy: 'record' }),
    ];
    expect(rowOf({ units })).toMatchObject({ serving: 'r1', servingBy: 'record' });
  });

  test.each(['units', 'state', 'releases'] as const)('tells of %s that were not read', (what) => {
    const unread = [{ what, why: 'no bus' }];
    const row = rowOf({ unread, ...(what === 'units' ? { units: [] } : {}) });
    expect(row.drift).toContain('no bus');
    const flags = { unit: null, serving: null, restartPending: null, restarted: null };
    if (what === 'units') expect(row).toMatchObject(flags);
  });
});
