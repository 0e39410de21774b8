import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Journal, journalFolder, openJournal } from '../../../src/engine/journal/journal.js';
import { listRuns, readJournal } from '../../../src/engine/journal/journal-reading.js';
import { asRunId } from '../../../src/model/names.js';
import { eventAt } from '../../fixtures/events.js';
import { at, ended, head, host, never, plan, started, stepSent } from './support/journal-events.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-journal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function freshFolder(): string {
  count += 1;
  return journalFolder(join(root, `state-${count}`), plan.run);
}

const note = (text: string) => eventAt(at, { type: 'host-note', host, note: text });
const stopped = eventAt(at, { type: 'stopped', reason: { kind: 'interrupted' } });

const linesOf = (folder: string) =>
  readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n').slice(0, -1);

describe('a journal', () => {
  test('gives back its plan and its events in order', async () => {
    const folder = freshFolder();
    const journal = openJournal(folder, plan, never);
    for (const event of [head, started, stepSent, note('linked\n\u2028ü'), stopped, ended]) {
      journal.append(event);
    }
    journal.close();
    expect(await readJournal(folder)).toEqual({
      plan: JSON.parse(JSON.stringify(plan)),
      planProblem: null,
      events: [head, started, stepSent, note('linked\n\u2028ü'), stopped, ended],
      damagedLines: 0,
      ended: true,
      newer: null,
    });
  });

  test('does not keep how far an upload is', async () => {
    const folder = freshFolder();
    const journal = openJournal(folder, plan, never);
    const progress = { type: 'upload-progress', sentBytes: 1, totalBytes: 2 } as const;
    for (const event of [head, started, eventAt(at, progress), ended]) journal.append(event);
    journal.close();
    expect((await readJournal(folder)).events).toEqual([head, started, ended]);
  });

  test('is for its owner alone, with no partly written file beside it', () => {
    const folder = freshFolder();
    openJournal(folder, plan, never).close();
    expect(readdirSync(folder).sort()).toEqual(['events.ndjson', 'plan.json']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
  });

  test('has the plan in place before the first event', async () => {
    const folder = freshFolder();
    const journal = openJournal(folder, plan, never);
    expect((await readJournal(folder)).plan?.run).toBe(plan.run);
    journal.close();
  });

  test('has a step written when it is about to be sent, with all that came before', () => {
    const folder = freshFolder();
    const journal = openJournal(folder, plan, never);
    journal.append(note('one'));
    expect(linesOf(folder)).toHaveLength(0);
    journal.append(stepSent);
    expect(linesOf(folder)).toHaveLength(2);
    journal.append(note('two'));
    journal.flush();
    expect(linesOf(folder)).toHaveLength(3);
    journal.close();
  });

  test('writes other events automatically within a short time', async () => {
    const folder = freshFolder();
    const journal = openJournal(folder, plan, never);
    journal.append(note('one'));
    await expect.poll(() => linesOf(folder).length).toBe(1);
    journal.close();
  });

  test('cut off in the middle of a line is read up to there, and continued after it', async () => {
    const folder = freshFolder();
    const first = openJournal(folder, plan, never);
    first.append(head);
    first.append(started);
    first.close();
    appendFileSync(join(folder, 'events.ndjson'), '{"at":"2026-11-23T12:0');
    expect(await readJournal(folder)).toMatchObject({
      events: [head, { type: 'run-started' }],
      damagedLines: 1,
      ended: false,
    });
    const second = openJournal(folder, plan, never);
    second.append(stopped);
    second.close();
    expect(await readJournal(folder)).toMatchObject({
      events: [head, { type: 'run-started' }, stopped],
      damagedLines: 1,
    });
  });

  test('that is not there, or is not one, reads as empty', async () => {
    const nothing = { plan: null, events: [], damagedLines: 0, ended: false, newer: null };
    expect(await readJournal(join(root, 'nowhere'))).toEqual({ ...nothing, planProblem: null });
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'plan.json'), '{"run":1}');
    const planProblem = expect.stringContaining('no whole plan');
    expect(await readJournal(folder)).toEqual({ ...nothing, planProblem });
  });

  test('is nowhere but below runs, whatever a run is called', () => {
    for (const run of [
      '../x',
      '/etc',
      'a/b',
      '.',
      '..',
      '',
      'a\0b',
      'a..b',
      '-x',
      'x'.repeat(129),
    ]) {
      expect(() => journalFolder('/state', asRunId(run))).toThrow(/cannot be the id of a run/);
    }
    expect(journalFolder('/state', asRunId('20261101T000000Z-a'))).toBe(
      '/state/runs/20261101T000000Z-a',
    );
  });

  const UNUSABLE = {
    link: /has links that lead in a circle/,
    pipe: /is not a file/,
    folder: /is a folder, and a file is needed/,
  };

  test('is neither read nor written where a link, a pipe or a folder is in its place', async () => {
    for (const kind of ['link', 'pipe', 'folder'] as const) {
      const folder = freshFolder();
      mkdirSync(folder, { recursive: true });
      for (const name of ['plan.json', 'events.ndjson', 'owner.json']) {
        const file = join(folder, name);
        if (kind === 'link') symlinkSync('/etc/hostname', file);
        else if (kind === 'pipe') execFileSync('mkfifo', [file]);
        else mkdirSync(file);
      }
      expect(await readJournal(folder)).toMatchObject({ plan: null, events: [], ended: false });
      expect(() => openJournal(folder, plan, never)).toThrow(UNUSABLE[kind]);
    }
    const linked = freshFolder();
    mkdirSync(join(linked, '..'), { recursive: true });
    symlinkSync(root, linked);
    expect(() => openJournal(linked, plan, never)).toThrow(/is not a folder/);
  });

  test('of another run, or without a part that is acted on, holds no plan', async () => {
    const { app, ...rest } = JSON.parse(JSON.stringify(plan));
    for (const text of [
      JSON.stringify({ ...rest, app, run: 'another' }),
      JSON.stringify(rest),
      JSON.stringify({ ...rest, app: { ...app, policy: {} } }),
      JSON.stringify({ ...rest, app, hosts: [{ host: { name: 'h1' } }] }),
      JSON.stringify({ ...rest, app, hosts: [{ ...rest.hosts[0], to: '../../etc' }] }),
      JSON.stringify({ ...rest, app, hosts: [{ ...rest.hosts[0], txn: 'a/b' }] }),
    ]) {
      const folder = freshFolder();
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'plan.json'), text);
      expect(await readJournal(folder)).toMatchObject({ plan: null });
    }
  });

  test('that cannot be begun refuses the run', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(() => openJournal(join(file, 'run'), plan, never)).toThrow(
      /journal of the run .*has a file where a folder is needed/,
    );
  });

  test('whose disk fails in the middle warns once, and the run continues', () => {
    const warnings: string[] = [];
    const full = openSync('/dev/full', 'w');
    const journal = new Journal(full, (message) => warnings.push(message));
    journal.append(stopped);
    journal.append(stopped);
    journal.close();
    expect(warnings).toEqual([expect.stringContaining('ends here')]);
  });
});

describe('the journals of a machine', () => {
  test('are listed newest first, with no regard for what else lies there', async () => {
    const stateDir = join(root, 'many');
    expect(await listRuns(stateDir)).toEqual([]);
    for (const run of ['20261101T000000Z-a', '20261103T000000Z-c', '20261102T000000Z-b']) {
      openJournal(journalFolder(stateDir, asRunId(run)), plan, never).close();
    }
    writeFileSync(join(stateDir, 'runs', 'notes.txt'), '');
    expect(await listRuns(stateDir)).toEqual([
      '20261103T000000Z-c',
      '20261102T000000Z-b',
      '20261101T000000Z-a',
    ]);
  });
});
