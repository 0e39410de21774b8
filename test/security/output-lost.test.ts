import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();

const MODES = [
  ['--output', 'plain'],
  ['--output', 'ndjson'],
  ['--output', 'quiet'],
  ['--output', 'tree'],
  ['--json'],
];
const FULL = 'exec "$@" >/dev/full 2>/dev/full';

const deploy = (from: string, ...flags: readonly string[]): readonly string[] => [
  'deploy',
  ...fleet.on(practice.lab),
  '--yes',
  '--from',
  from === 'new' ? fleet.newRelease() : `./releases/${from}`,
  ...flags,
];

const lastRun = (): string | undefined =>
  readFileSync(join(fleet.stateDir, 'deploy.log'), 'utf8').trim().split('\n').at(-1);

describe('a deploy whose output cannot be written', () => {
  test.each(MODES)(
    'ends the same if both disks are full: %s %s',
    async (...mode) => {
      for (const from of ['new', 'new']) {
        expect(await fleet.run(deploy(from, ...mode), { by: FULL })).toMatchObject({ code: 0 });
        expect(lastRun()).toContain(' state=succeeded exit=0 hosts=3 ok=3 ');
      }
    },
    60_000,
  );

  test('ends the same if stderr is full and stdout is not, and prints its result', async () => {
    const ended = await fleet.run(deploy('new', '--json'), { by: 'exec "$@" 2>/dev/full' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect(ended.code).toBe(0);
  });

  test('says on stderr that the result is lost, and where it is', async () => {
    const ended = await fleet.run(deploy('new', '--json'), { by: 'exec "$@" >/dev/full' });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(
      /warning: not all of the output could be written.*ENOSPC.*deploy\.log/s,
    );
  });

  test('ends the same if its own files cannot grow', async () => {
    const by = 'ulimit -f 1; exec "$@" >"$HOME/out" 2>&1';
    expect(await fleet.run(deploy('new', '--output', 'ndjson'), { by })).toMatchObject({
      code: 2,
    });
    // Nothing was touched: without a journal no run begins.
    expect(readFileSync(join(fleet.dir, 'out'), 'utf8')).not.toContain('run-started');
  });

  test.each(['1</dev/null', '1<"$HOME"', '1>&-', '2>&-', '<&-', '1>&- 2>&- <&-'])(
    'ends the same with %s',
    async (redirection) => {
      const by = `exec "$@" ${redirection}`;
      expect(await fleet.run(deploy('new'), { by })).toMatchObject({ code: 0 });
    },
  );

  test('ends the same if its reader is gone', async () => {
    const by = '{ "$@"; echo $? >"$HOME/code"; } 2>&1 | true';
    await fleet.run(deploy('new', '--output', 'ndjson'), { by });
    expect(readFileSync(join(fleet.dir, 'code'), 'utf8')).toBe('0\n');
  });

  test('ends with the exit code of its end, not of its output, also where it fails', async () => {
    const ended = await fleet.run(deploy('dies', '--output', 'plain'), { by: FULL });
    expect(ended).toMatchObject({ code: 4 });
    expect(lastRun()).toContain(' state=rolled_back exit=4 ');
  }, 60_000);
});

describe('a command that only shows something', () => {
  const where = (): readonly string[] => fleet.on(practice.lab);

  test.each([
    ['status', true],
    ['plan', true],
    ['history', false],
    ['schema', false],
    ['--version', false],
    ['--help', false],
  ] as const)('%s ends with 1 where that cannot be written, and says so', async (name, onHosts) => {
    const words = { plan: ['plan', 'deploy'], schema: ['schema', 'deploy'] }[name as 'plan'] ?? [
      name,
    ];
    const args = onHosts ? [...words, ...where(), '--json'] : words;
    const ended = await fleet.run(args, { by: 'exec "$@" >/dev/full' });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/error: not all of the output could be written to stdout: ENOSPC/);
  });

  test('ends with 1 if only a part could be written', async () => {
    const by = 'ulimit -f 1; exec "$@" >"$HOME/half"';
    const ended = await fleet.run(['schema', 'deploy'], { by });
    expect(readFileSync(join(fleet.dir, 'half')).length).toBeGreaterThan(0);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('EFBIG') });
  });

  test('succeeds if its reader stops early', async () => {
    const by = '{ "$@"; echo $? >"$HOME/code"; } | head -c 1';
    await fleet.run(['schema', 'deploy'], { by });
    expect(readFileSync(join(fleet.dir, 'code'), 'utf8')).toBe('0\n');
  });
});
