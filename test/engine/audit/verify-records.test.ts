import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { verifyRecords } from '../../../src/engine/audit/verify-records.js';
import { journalFolder, openJournal } from '../../../src/engine/journal/journal.js';
import { createEventBus } from '../../../src/events/bus.js';
import { createDeployLog } from '../../../src/history/deploy-log.js';
import { asHostName, asRunId, type RunId } from '../../../src/model/names.js';
import { planView } from '../../../src/model/runs/plan-view.js';
import { planOf } from '../../fixtures/plan.js';
import { temporaryFolder } from '../../transport/support/ssh-server.js';

const never = (message: string) => expect.unreachable(message);
const RUNS = ['20260202T000000Z-0001', '20260202T000001Z-0002'].map(asRunId);
const [FIRST, SECOND] = RUNS as [RunId, RunId];

/** Keeps a run as `openRecorders` does: journal first, then the log. */
function keepRun(stateDir: string, run: RunId, { ends = true } = {}): void {
  const plan = { ...planOf({ waves: [2] }), run };
  const journal = openJournal(journalFolder(stateDir, run), plan, never);
  const bus = createEventBus(() => new Date('2026-02-02T00:00:00Z'));
  bus.subscribe(journal.append);
  const log = join(stateDir, 'deploy.log');
  bus.subscribe(createDeployLog(log, never, { journalHead: () => journal.head }));
  bus.emit({ type: 'run-started', run, kind: 'deploy', plan: planView(plan) });
  for (const note of ['linked', 'restarted', 'healthy']) {
    bus.emit({ type: 'host-note', host: asHostName('h1'), note });
  }
  const end = { state: 'succeeded', exitCode: 0, hosts: [], startedAt: plan.createdAt } as const;
  if (ends) bus.emit({ type: 'run-ended', run, ...end });
  // Too late: the end of a run is its last line.
  bus.emit({ type: 'warning', message: 'the history is incomplete' });
  journal.close();
}

let stateDir = '';
const logFile = (): string => join(stateDir, 'deploy.log');
const journalFile = (run: RunId): string => join(journalFolder(stateDir, run), 'events.ndjson');
const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));
const withoutLast = (text: string): string =>
  `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`;

/** What is not intact, by the file's name below the state folder. */
async function oddities() {
  const found = await verifyRecords(stateDir);
  const odd = found.filter(({ state, notes }) => state !== 'intact' || notes.length > 0);
  return odd.map(({ file, state, notes }) => [file.slice(stateDir.length + 1), state, ...notes]);
}

beforeEach(() => {
  stateDir = temporaryFolder();
  for (const run of RUNS) keepRun(stateDir, run);
});

describe('the records of a bastion', () => {
  test('are intact as fleet wrote them', async () => {
    expect(await verifyRecords(stateDir)).toMatchObject([
      { file: logFile(), run: null, state: 'intact', lines: 2, chainedFrom: 1, intactThrough: 2 },
      { run: FIRST, state: 'intact', lines: 6, intactThrough: 6 },
      { run: SECOND, state: 'intact' },
    ]);
    expect(await verifyRecords(stateDir, { run: SECOND })).toHaveLength(2);
  });

  test('show an edit in a journal and in the log, each with its line', async () => {
    edit(journalFile(FIRST), (text) => text.replace('restarted', 'started'));
    edit(logFile(), (text) => text.replace('state=succeeded', 'state=rolled_back'));
    const line = /^line 4 does not fit: line 4 was changed/;
    expect(await oddities()).toEqual([
      ['deploy.log', 'changed', expect.stringMatching(/^line 1 does not fit: line 1 was changed/)],
      [`runs/${FIRST}/events.ndjson`, 'changed', expect.stringMatching(line)],
    ]);
  });

  test('show that the end of a journal is gone, by the line of the log', async () => {
    edit(journalFile(SECOND), withoutLast);
    expect(await oddities()).toEqual([
      [
        `runs/${SECOND}/events.ndjson`,
        'changed',
        `its end is gone, or it was written anew: line 2 of ${logFile()} has the digest of a line that is not in it`,
      ],
    ]);
  });

  test('show that a journal was written anew as a whole', async () => {
    rmSync(journalFolder(stateDir, SECOND), { recursive: true });
    const log = readFileSync(logFile());
    keepRun(stateDir, SECOND, { ends: false });
    writeFileSync(logFile(), log);
    expect(await oddities()).toEqual([
      [`runs/${SECOND}/events.ndjson`, 'changed', expect.stringContaining('written anew')],
    ]);
  });

  test('show that the end of the log is gone, by its last digest and by the journals', async () => {
    edit(logFile(), withoutLast);
    const missing = expect.stringContaining('deploy.log has no line of this run');
    expect(await oddities()).toEqual([
      ['deploy.log', 'changed', expect.stringContaining('the last line that fleet wrote is gone')],
      [`runs/${SECOND}/events.ndjson`, 'changed', missing],
    ]);
    rmSync(`${logFile()}.head`);
    expect(await oddities()).toEqual([[`runs/${SECOND}/events.ndjson`, 'changed', missing]]);
  });

  test('show a gap that the log was continued after', async () => {
    edit(logFile(), withoutLast);
    keepRun(stateDir, asRunId('20260202T000002Z-0003'));
    expect(await oddities()).toContainEqual([
      'deploy.log',
      'changed',
      'lines were removed before line 2',
    ]);
  });

  test('are followed through rotated logs, packed or not', async () => {
    renameSync(logFile(), `${logFile()}.1`);
    keepRun(stateDir, asRunId('20260202T000002Z-0003'));
    expect(await oddities()).toEqual([]);
    const older = readFileSync(`${logFile()}.1`);
    writeFileSync(`${logFile()}.1.gz`, gzipSync(older), { mode: 0o600 });
    rmSync(`${logFile()}.1`);
    expect(await oddities()).toEqual([]);
    writeFileSync(`${logFile()}.1.gz`, gzipSync(withoutLast(older.toString())));
    expect(await oddities()).toContainEqual([
      `runs/${SECOND}/events.ndjson`,
      'changed',
      expect.anything(),
    ]);
    rmSync(`${logFile()}.1.gz`);
    expect(await oddities()).toContainEqual([
      'deploy.log',
      'intact',
      expect.stringContaining('follows an older log that is not here any more'),
    ]);
  });

  test('of a run that died are incomplete, and a line that the crash cut off is no change', async () => {
    const run = asRunId('20260202T000002Z-0003');
    keepRun(stateDir, run, { ends: false });
    const unended = expect.stringContaining('it has no end');
    expect(await oddities()).toEqual([[`runs/${run}/events.ndjson`, 'incomplete', unended]]);
    edit(journalFile(run), (text) => text.slice(0, -20));
    expect(await oddities()).toEqual([
      [
        `runs/${run}/events.ndjson`,
        'incomplete',
        unended,
        'the last line is cut off, as by a crash',
      ],
    ]);
  });

  test('of an older fleet have no digests, which is no change', async () => {
    edit(journalFile(FIRST), (text) => text.replaceAll(/,"chain":"[0-9a-f]{64}"/g, ''));
    edit(logFile(), (text) => text.replaceAll(/ (journal|chain)=[0-9a-f]{64}/g, ''));
    rmSync(`${logFile()}.head`);
    const old = await verifyRecords(stateDir, { run: FIRST });
    expect(old.map(({ state, notes }) => [state, ...notes])).toEqual([
      ['unchained', 'from before lines had digests'],
      ['unchained', 'from before lines had digests'],
    ]);
  });

  test('are compared with what is known elsewhere', async () => {
    const anchors = [{ run: FIRST, digest: 'a'.repeat(64), where: 'the history' }];
    const found = await verifyRecords(stateDir, { run: FIRST, anchors });
    expect(found[1]).toMatchObject({
      state: 'changed',
      notes: [expect.stringContaining('the history has')],
    });
  });
});
