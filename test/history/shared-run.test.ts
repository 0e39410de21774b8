import { describe, expect, test } from 'vitest';
import { createEventBus } from '../../src/events/bus.js';
import { createRunShare, readShare, type ShareWrite } from '../../src/history/shared-run.js';
import type { SharedDocument } from '../../src/history/store.js';
import { asHostName } from '../../src/model/names.js';
import { planView } from '../../src/model/runs/plan-view.js';
import type { RunState } from '../../src/model/runs/run.js';
import { planOf } from '../fixtures/plan.js';

const plan = planOf({ waves: [1, 1] });
const { run } = plan;
const h1 = asHostName('h1');

/** What a store has after a controller has written, without what was removed. */
function playInto(kept: Map<string, string>, at: string, state: RunState | null): ShareWrite[] {
  const written: ShareWrite[] = [];
  const share = createRunShare({ run, plan: `plan of ${at}` }, (write) => {
    written.push(write);
    if (write.kind === 'remove') kept.clear();
    else kept.set(write.document.kind, write.document.json);
  });
  const bus = createEventBus(() => new Date(at));
  bus.subscribe((event) => share.hear(event));
  bus.emit({ type: 'run-started', run, kind: 'deploy', plan: planView(plan) });
  bus.emit({ type: 'step-sent', host: h1, verbs: ['claim'], txn: 'txn' });
  bus.emit({ type: 'host-stage', host: h1, stage: 'switching', wave: 0 });
  bus.emit({ type: 'host-stage', host: h1, stage: 'done', wave: 0 });
  share.flush();
  if (state !== null) {
    bus.emit({ type: 'run-ended', run, state, exitCode: 7, startedAt: at, hosts: [] });
  }
  return written;
}

const documentsOf = (kept: ReadonlyMap<string, string>): readonly SharedDocument[] =>
  [...kept].map(([kind, json]) => ({ kind, json })).toSorted((a, b) => (a.kind < b.kind ? -1 : 1));

const typesIn = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => String(JSON.parse(line).type));

const FIRST = '2026-11-23T12:00:00.000Z';
const SECOND = '2026-11-23T13:00:00.000Z';

describe('what a run shows other bastions', () => {
  test('is its plan and what was decided, and nothing of the work between', () => {
    const kept = new Map<string, string>();
    playInto(kept, FIRST, null);
    const { plan: text, lines } = readShare(documentsOf(kept));
    expect(text).toBe(`plan of ${FIRST}`);
    expect(typesIn(lines)).toEqual(['stream-started', 'run-started', 'host-stage']);
  });

  test('is never replaced by what an earlier controller writes late, in whatever order it comes', () => {
    const kept = new Map<string, string>();
    playInto(kept, SECOND, 'paused');
    playInto(kept, FIRST, 'fenced');
    const { plan: text, lines } = readShare(documentsOf(kept));
    expect(text).toBe(`plan of ${SECOND}`);
    expect(lines.at(-1)).toContain('"state":"paused"');
    expect(typesIn(lines).filter((type) => type === 'stream-started')).toHaveLength(2);
  });

  test('stays as long as the run can be resumed, and is removed then', () => {
    const kept = new Map<string, string>();
    playInto(kept, FIRST, 'stopped_mixed');
    expect(kept.size).toBeGreaterThan(0);
    playInto(kept, SECOND, 'succeeded');
    expect(kept.size).toBe(0);
  });

  test('fits the names that every store has for documents', () => {
    const kept = new Map<string, string>();
    playInto(kept, FIRST, null);
    for (const kind of kept.keys()) expect(kind.length).toBeLessThanOrEqual(32);
  });
});
