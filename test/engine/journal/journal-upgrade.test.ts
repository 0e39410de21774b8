import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { journalFolder, openJournal } from '../../../src/engine/journal/journal.js';
import { readJournal } from '../../../src/engine/journal/journal-reading.js';
import { planFileText } from '../../../src/engine/journal/plan-record.js';
import { EVENTS_VERSION } from '../../../src/events/event.js';
import { PLAN_VERSION } from '../../../src/model/runs/plan.js';
import { planView } from '../../../src/model/runs/plan-view.js';
import { eventAt } from '../../fixtures/events.js';
import { at, ended, head, host, never, plan, started, stepSent } from './support/journal-events.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-journals-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function freshFolder(): string {
  count += 1;
  return journalFolder(join(root, `state-${count}`), plan.run);
}

describe('the version of a journal', () => {
  function written(lines: readonly object[], planText = planFileText(plan)): string {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'plan.json'), planText, { mode: 0o600 });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(join(folder, 'events.ndjson'), text, { mode: 0o600 });
    return folder;
  }

  test('1, which had none, is read as if it were written now', async () => {
    const step = 'arm+activate+verify';
    const folder = written([
      { at, type: 'run-started', run: plan.run, kind: 'deploy' },
      { at, type: 'step-sent', host, step, txn: 't1' },
      { at, type: 'paused', wave: 1, why: { kind: 'approval' } },
    ]);
    const { events, damagedLines } = await readJournal(folder);
    expect(damagedLines).toBe(0);
    expect(events).toMatchObject([
      { type: 'run-started', run: plan.run, seq: 0, plan: planView(plan) },
      { type: 'step-sent', run: plan.run, seq: 1, verbs: ['arm', 'activate', 'verify'] },
      { type: 'paused', seq: 2 },
    ]);
  });

  test('1 called the verb that gives a claim up `release`', async () => {
    const lines = [
      { at, type: 'step-ended', host, step: 'prune+release+status', txn: 't1', ms: 1 },
    ];
    const folder = written(lines.map((line) => ({ ...line, failure: null })));
    const { events, damagedLines } = await readJournal(folder);
    expect(damagedLines).toBe(0);
    expect(events).toMatchObject([{ verbs: ['prune', 'unclaim', 'status'] }]);
  });

  test('may change in one that a newer fleet has gone on with', async () => {
    const folder = written([{ at, type: 'step-sent', host, step: 'claim', txn: 't1' }]);
    const journal = openJournal(folder, plan, never);
    for (const event of [head, started, stepSent, ended]) journal.append(event);
    journal.close();
    const { events, ended: isOver } = await readJournal(folder);
    expect(events).toMatchObject([
      { type: 'step-sent', verbs: ['claim'] },
      head,
      started,
      stepSent,
      ended,
    ]);
    expect(isOver).toBe(true);
  });

  test('newer than this fleet is said, and nothing of it is guessed at but its end', async () => {
    const known = EVENTS_VERSION;
    const newHead = { ...head, schemaVersion: known + 1 };
    const newer = { version: known + 1, known };
    const found = await readJournal(written([newHead, { type: 'somehow-new' }]));
    expect(found).toMatchObject({ newer, events: [], plan: null, ended: false });
    expect(found.planProblem).toContain(
      `has version ${known + 1}, and this fleet reads versions up to ${known}`,
    );
    const over = await readJournal(written([newHead, { type: 'run-ended', how: 'new' }]));
    expect(over).toMatchObject({ newer, events: [], ended: true });
    const planOfNewer = JSON.stringify({ schemaVersion: PLAN_VERSION + 1, steps: [] });
    expect(await readJournal(written([head], planOfNewer))).toMatchObject({ newer, plan: null });
  });

  test('stays where fields, events and codes are added: what is not known is passed over', async () => {
    const failure = { code: 'no_such_code_yet', message: 'new' };
    const folder = written([
      { ...head, fleet: '9.9' },
      { at, run: null, seq: 1, type: 'backup-made', host },
      { ...eventAt(at, { type: 'preflight-host', host, failure: null }), failure },
      { ...ended, cost: 3 },
    ]);
    const { events, newer, ended: isOver } = await readJournal(folder);
    expect(newer).toBeNull();
    expect(isOver).toBe(true);
    expect(events).toMatchObject([
      head,
      { type: 'preflight-host', failure: { code: 'internal', message: 'new' } },
      ended,
    ]);
    expect(events.at(-1)).not.toHaveProperty('cost');
  });
});
