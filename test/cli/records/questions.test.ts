import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../../src/ui/json-schema.js';
import { endOf, runOn } from '../../history/contract/runs.js';
import { openHere } from '../../history/support/open-here.js';
import { createBastion } from '../support/fake-context.js';
import { argumentsOf } from '../support/shell-words.js';

const now = (): Date => new Date('2026-11-30T12:00:00.000Z');
const { dir, fleet } = createBastion(now);
const empty = createBastion(now);

/** Twelve runs, one each day of November; the sixth is a rollback, the last has no end, and all have two hosts. */
beforeAll(async () => {
  const store = await openHere(join(dir, 'state', 'history.db'));
  for (let day = 1; day <= 12; day += 1) {
    const kind = day === 6 ? 'rollback' : 'deploy';
    const reason = day === 2 ? '=HYPERLINK("http://x")' : null;
    const operator = day % 2 === 0 ? 'ana@bastion' : 'li@other';
    const committedAt = new Date(Date.UTC(2026, 10, day, 8)).toISOString();
    const { release } = runOn(day === 6 ? 4 : day);
    const run = runOn(day, { kind, reason, operator, release: { ...release, committedAt } });
    await store.recordStart(run);
    const endedAt = new Date(Date.parse(run.startedAt) + 600_000).toISOString();
    if (day < 12) await store.recordEnd(run.run, endOf(run, { endedAt }));
  }
  await store.close();
});

const days = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/202611(\d\d)T100000Z-r/g)].map(([, day = '']) => day);

const typed = (command: string) => fleet(...argumentsOf(command));

describe('fleet history', () => {
  test.each<[string, readonly string[]]>([
    ['--since 2026-11-10T00:00:00Z', ['12', '11', '10']],
    ['--since 19d', ['12']],
    ['--until 2026-11-02T00:00:00Z', ['01']],
    ['--by ana --until 2026-11-05T00:00:00Z', ['04', '02']],
    ['--by li@other --since 2026-11-10T00:00:00Z', ['11']],
    ['--state open', ['12']],
    ['--kind rollback', ['06']],
    ['--release v4', ['06', '04']],
    ['--release 20261103', ['03']],
    ['--host web1 --host web2 -n 1', ['12']],
    ['--host none', []],
    ['--app other', []],
    ['-g prod -n 2', ['12', '11']],
  ])('%s', async (flags, expected) => {
    const { code, stdout } = await typed(`fleet history ${flags}`);
    expect([code, days(stdout)]).toEqual([0, expected]);
  });

  test('shows the command for the next page, up to the last one', async () => {
    const found: string[] = [];
    let next = `fleet history -g prod --by ana -n 2 --since 2026-10-01`;
    for (let page = 0; page < 9 && next !== ''; page += 1) {
      const { stdout, stderr } = await typed(next);
      found.push(...days(stdout));
      next = /Older runs: (.*)/.exec(stderr)?.[1] ?? '';
    }
    expect(found).toEqual(['12', '10', '08', '06', '04', '02']);
  });

  test('names the next page in --json, and null on the last', async () => {
    const pageOf = async (flags: string) =>
      OUTPUT_SCHEMAS.history.parse(
        JSON.parse((await typed(`fleet history --json ${flags}`)).stdout),
      );
    expect((await pageOf('-n 5')).before).toBe(runOn(8).run);
    expect((await pageOf('-n 12')).before).toBeNull();
  });

  test('writes a table in which no cell is a formula', async () => {
    const { stdout, stderr } = await typed('fleet history --csv -n 11 --before 20261103');
    const [titles = '', ...lines] = stdout.split('\r\n');
    expect(titles).toMatch(/^run,kind,app,.*,exit_code$/);
    expect(lines[0]).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(lines[0]).toMatch(/,600,succeeded,0$/);
    expect([lines.length, stderr]).toEqual([3, '']);
  });

  test.each([
    ['--since soon', '--since "soon" is no time'],
    ['--until 2026-02-30', '--until "2026-02-30" is no time'],
    ['--since 1d --until 2d', '--since 1d is not before --until 2d'],
    ['--before "no run"', '--before "no run" is no run id'],
    ['--at 2d', '--at needs --host'],
    ['--host web1 --at 2d --since 3d', '--at and --since exclude each other'],
    ['--host web1 --at 2031-01-01T00:00:00Z', 'is in the future'],
    ['--json --csv', '--json and --csv'],
    ['--state fine', "'fine' is invalid"],
  ])('refuses %s and names the flag', async (flags, message) => {
    const { code, stdout, stderr } = await typed(`fleet history ${flags}`);
    expect([code, days(stdout + stderr)]).toEqual([2, []]);
    expect(stdout + stderr).toContain(message);
  });

  test('says so where nothing is', async () => {
    expect((await empty.fleet('history')).stdout).toBe('No runs yet.\n');
    expect((await typed('fleet history --host none')).stdout).toBe(
      'The history has no such run.\n',
    );
  });
});

describe('fleet history --host --at', () => {
  test('says which release it was, by which run and who', async () => {
    const { code, stdout } = await typed('fleet history --host web1 --at 2026-11-07T12:00:00Z');
    expect(code).toBe(3);
    // These runs say that they all came from the same release.
    expect(stdout).toContain(`release  ${runOn(7).release.id} (v7), but the record has a gap`);
    expect(stdout).toContain(`by       li@other, deploy ${runOn(7).run}`);
    expect(stdout).toMatch(/gap {6}the next run, \S+, found it on older/);
  });

  test('obeys its schema, and ends with 3 where nothing is known', async () => {
    const asked = 'fleet history --host web1 --json --at';
    const { stdout } = await typed(`${asked} 2026-11-12T12:00:00Z`);
    const { apps } = OUTPUT_SCHEMAS['history-at'].parse(JSON.parse(stdout));
    expect(apps).toMatchObject([{ sure: false, gaps: [{ kind: 'unfinished' }, {}] }]);
    const before = await typed(`${asked} 2026-10-01T12:00:00Z`);
    expect([before.code, JSON.parse(before.stdout)]).toMatchObject([3, { apps: [] }]);
  });
});

describe('fleet stats', () => {
  test('has each definition beside its number', async () => {
    const { code, stdout } = await typed('fleet stats --since 2026-11-01T00:00:00Z');
    expect(code).toBe(0);
    expect(stdout).toMatch(/deployment frequency +2\.4 a week \(10 deploys in 4\.2 weeks\)/);
    expect(stdout).toMatch(/lead time +2h 10m \(of 10; nine of ten within 2h 10m\)/);
    expect(stdout).toMatch(
      /change fail rate +10% \(1 of 10, 1 by a later rollback\)\n +deploys that/,
    );
    expect(stdout).toMatch(/time to restore +too few: 1 put right; needs 3\n +from the first host/);
    expect(stdout).toContain('1 not ended');
  });

  test('obeys its schema, and has a table', async () => {
    const { stdout } = await typed('fleet stats --json --since 2026-11-01T00:00:00Z');
    const { groups } = OUTPUT_SCHEMAS.stats.parse(JSON.parse(stdout));
    expect(groups[0]?.weekly.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(9);
    const table = (await typed('fleet stats --csv --since 2026-11-01T00:00:00Z')).stdout;
    expect(table.split('\r\n')[1]).toMatch(/^shop,prod,2026-11-01T00:00:00.000Z,/);
  });

  test('says so without deploys, and of a period that is none', async () => {
    expect((await empty.fleet('stats')).stdout).toMatch(/^The history has no deploys from /);
    const { code, stderr } = await typed('fleet stats --since 2031-01-01');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--since is in the future')]);
  });
});

test('fleet show says on which bastion the journal of a run is', async () => {
  const { stdout } = await typed(`fleet show ${runOn(3).run}`);
  expect(stdout).toContain('  journal  on bastion, which also shows each run of a hook');
  const json = JSON.parse((await typed(`fleet show ${runOn(3).run} --json`)).stdout);
  expect(OUTPUT_SCHEMAS.show.parse(json).journal).toEqual({ bastion: 'bastion', here: false });
});
