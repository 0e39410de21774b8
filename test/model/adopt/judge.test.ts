import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Found, FoundFolder, FoundRecord } from '../../../src/model/adopt/found.js';
import { type JudgeOptions, judgeFound } from '../../../src/model/adopt/judge.js';
import { asReleaseId } from '../../../src/model/names.js';

const COMMIT = 'c'.repeat(40);
const OPTIONS: JudgeOptions = {
  isUp: true,
  own: new Set(),
  known: new Set(),
  trustEarlier: false,
};

const folder = (name: string, about: Partial<FoundFolder> = {}): FoundFolder => ({
  id: asReleaseId(name),
  name,
  revision: COMMIT,
  bad: false,
  dirty: false,
  empty: false,
  listed: false,
  current: false,
  modified: null,
  ...about,
});

const record = (of: FoundRecord['of'], ...lines: readonly string[]): readonly FoundRecord[] =>
  lines.map((line) => ({ of, line }));

const found = (folders: readonly FoundFolder[], records: readonly FoundRecord[] = []): Found => ({
  folders,
  records,
  shares: [],
});

/** `name state` or `name: why` of each folder, oldest first. */
const verdicts = (all: Found, options: Partial<JudgeOptions> = {}): readonly string[] =>
  judgeFound(all, { ...OPTIONS, ...options }).folders.map((each) =>
    each.kind === 'left' ? `${each.name}: ${each.why}` : `${each.name} ${each.standing}`,
  );

const [A, B, C, D] = ['20240101000000', '20240202000000', '20240303000000', '20240404000000'];
const deployed = (name: string): string =>
  `Branch main (at ${COMMIT.slice(0, 7)}) deployed as release ${name} by ada`;

describe('releases of Capistrano', () => {
  test('are healthy if its log says that they were deployed', () => {
    const log = record('revisions', deployed(A), deployed(B));
    const all = found([folder(B, { current: true }), folder(A)], log);
    expect(judgeFound(all, OPTIONS)).toMatchObject({
      tool: 'capistrano',
      folders: [
        { name: A, standing: 'healthy', commit: COMMIT, by: 'ada', current: false },
        { name: B, standing: 'healthy', deployedAt: '2024-02-02T00:00:00.000Z', current: true },
      ],
    });
  });

  test('are left alone if their deploy was not finished', () => {
    const log = record('revisions', deployed(A), deployed(C));
    const all = found([folder(A), folder(B), folder(C, { current: true }), folder(D)], log);
    expect(verdicts(all)).toEqual([
      `${A} healthy`,
      `${B}: the log of its tool has no end of its deploy`,
      `${C} healthy`,
      `${D}: the log of its tool has no end of its deploy`,
    ]);
  });

  test('are left alone without the commit that the others have', () => {
    const log = record('revisions', deployed(A), deployed(B));
    const all = found([folder(A, { revision: null }), folder(B, { current: true })], log);
    expect(verdicts(all)[0]).toMatch(/^20240101000000: it has no commit/);
  });

  test('are bad if it rolled back from them', () => {
    const log = record('revisions', deployed(A), deployed(B), `bob rolled back to release ${A}`);
    const all = found([folder(A, { current: true }), folder(B)], log);
    expect(verdicts(all)).toEqual([`${A} healthy`, `${B} bad`]);
  });

  test('are staged if they are older than its log, unless the operator trusts them', () => {
    const log = record('revisions', deployed(B));
    const all = found([folder(A), folder(B, { current: true })], log);
    expect(verdicts(all)).toEqual([`${A} staged`, `${B} healthy`]);
    expect(verdicts(all, { trustEarlier: true })[0]).toBe(`${A} healthy`);
  });

  test('are known from a log with a message of its own', () => {
    const log = record('revisions', `deploy ${A} done`, `deploy ${B} done`);
    const all = found([folder(A), folder(B, { current: true })], log);
    expect(verdicts(all)).toEqual([`${A} healthy`, `${B} healthy`]);
  });

  test('are staged where the unit of the current one is not up', () => {
    const all = found([folder(A, { current: true })], record('revisions', deployed(A)));
    expect(verdicts(all, { isUp: false })).toEqual([`${A} staged`]);
  });
});

describe('releases of Deployer', () => {
  const line = (name: string, at: string): string =>
    JSON.stringify({ created_at: at, release_name: name, user: 'ada', target: 'HEAD' });
  const log = record(
    'releases_log',
    line('9', '2024-01-01T12:00:00+0100'),
    line('10', '2024-02-02T12:00:00+0100'),
    line('11', '2024-03-03T12:00:00+0100'),
  );

  test('are staged before the current one, since its log does not say that they ran', () => {
    const all = found([folder('10', { current: true }), folder('9')], log);
    expect(judgeFound(all, OPTIONS)).toMatchObject({
      tool: 'deployer',
      folders: [
        { name: '9', standing: 'staged', by: 'ada', deployedAt: '2024-01-01T11:00:00.000Z' },
        { name: '10', standing: 'healthy' },
      ],
    });
  });

  test('are bad with its mark, and left alone while it makes them', () => {
    const all = found(
      [folder('9', { bad: true }), folder('10', { current: true }), folder('11')],
      [...log, ...record('pending', '11')],
    );
    expect(verdicts(all)).toEqual(['9 bad', '10 healthy', '11: Deployer has not finished it']);
  });

  test('need no commit where none has one, as before version 7', () => {
    const old = record('releases', '20240101120000,9', '20240202120000,10');
    const all = found(
      [folder('9', { revision: null }), folder('10', { revision: null, current: true })],
      old,
    );
    expect(verdicts(all)).toEqual(['9 staged', '10 healthy']);
  });

  test('are only those in its log', () => {
    const all = found([folder('backup'), folder('10', { current: true })], log);
    expect(verdicts(all)).toEqual(['backup: Deployer has not made it', '10 healthy']);
  });
});

test('numbers are in order of their value, whatever the times of their files are', () => {
  const all = found(
    [
      folder('100', { modified: 5, current: true }),
      folder('9', { modified: 9_000_000 }),
      folder('10', { modified: 1 }),
    ],
    record('folder', 'scm'),
  );
  const { tool, folders } = judgeFound(all, OPTIONS);
  expect([tool, ...folders.map(({ name }) => name)]).toEqual(['mina', '9', '10', '100']);
  const times = folders.flatMap((each) => (each.kind === 'release' ? [each.deployedAt] : []));
  expect(times).toEqual(times.toSorted());
  expect(new Set(times).size).toBe(3);
});

test('a folder after the last one that ran is left alone', () => {
  const all = found([folder(A), folder(B, { current: true }), folder(C)]);
  expect(judgeFound(all, OPTIONS).tool).toBe('shipit');
  expect(verdicts(all)[2]).toMatch(/it is newer than the current release/);
});

test('where fleet has deployed over it, the last release of the tool that it knows counts', () => {
  const all = found([folder(A), folder(B), folder(C), folder('fleets')]);
  const options = { own: new Set([asReleaseId('fleets')]), known: new Set([asReleaseId(B)]) };
  expect(verdicts(all, options)).toMatchObject([
    `${A} staged`,
    `${B} staged`,
    expect.stringContaining('it is newer'),
  ]);
});

test('an empty folder and one of no known tool are left alone', () => {
  const all = found([folder('x', { revision: null }), folder('y', { empty: true })]);
  expect(verdicts(all)).toEqual(['x: no tool that fleet knows has made it', 'y: it is empty']);
});

test('the lock of another tool is told', () => {
  expect(judgeFound(found([], record('lock', 'deploy.lock')), OPTIONS).lock).toBe('deploy.lock');
});

test('any text of a log is read, and never as more than it says', () => {
  const kinds = fc.constantFrom<FoundRecord['of']>('revisions', 'releases_log', 'releases');
  const records = fc.array(fc.record({ of: kinds, line: fc.string({ unit: 'binary' }) }));
  fc.assert(
    fc.property(records, (lines) => {
      const all = found([folder(A), folder(B, { current: true })], lines);
      for (const each of judgeFound(all, OPTIONS).folders) {
        if (each.kind === 'release') expect(Number.isNaN(Date.parse(each.deployedAt))).toBe(false);
      }
    }),
  );
});
