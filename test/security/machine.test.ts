import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 1, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();
const isRoot = process.getuid?.() === 0;
/** Root may read and write anything; these tests become another account then. */
const NOBODY = 65_534;
const asNobody = isRoot
  ? `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"`
  : 'exec "$@"';

const at = (...path: readonly string[]): string => join(fleet.stateDir, ...path);
const where = (): readonly string[] => fleet.on(practice.lab);
const deploy = (): readonly string[] => [
  'deploy',
  ...where(),
  '--yes',
  '--from',
  fleet.newRelease(),
];

interface Told {
  readonly exitCode: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

async function refusal(
  args: readonly string[],
  options?: Parameters<typeof fleet.run>[1],
): Promise<Told> {
  const ended = await fleet.run([...args, '--json'], options);
  const told = JSON.parse(ended.stdout) as Told;
  expect(told.exitCode).toBe(ended.code);
  expect(told.error.message).not.toContain('internal error');
  expect(told.error.hint).toMatch(/.{5}/);
  return told;
}

beforeEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', fleet.dir]);
  rmSync(join(fleet.dir, '.state'), { recursive: true, force: true });
  mkdirSync(fleet.stateDir, { recursive: true });
});

describe('what is wrong with the machine is never called a bug of fleet', () => {
  test.each(['locks', 'tmp', 'runs'])('a file in the place of the folder %s', async (name) => {
    writeFileSync(at(name), '');
    const { exitCode, error } = await refusal(deploy());
    expect([exitCode, error.code]).toEqual([2, 'file_unusable']);
    expect(error.message).toContain(at(name));
  });

  test.each([
    ['recover', '--yes'],
    ['pause', 'r'],
    ['resume', 'r'],
    ['abort', 'r'],
  ])('a file in the place of the runs, for fleet %s', async (...args) => {
    writeFileSync(at('runs'), '');
    expect((await refusal(args)).error.code).toBe('file_unusable');
  });

  test('a file in the place of the state folder', async () => {
    rmSync(fleet.stateDir, { recursive: true });
    writeFileSync(fleet.stateDir, '');
    for (const args of [deploy(), ['plan', 'deploy', ...where()], ['lab', 'up']]) {
      expect((await refusal(args)).error.code).toBe('file_unusable');
    }
    expect((await refusal(['history'])).error.code).toBe('history_unavailable');
  });

  test.each(['history.db', 'deploy.log'])(
    'a folder in the place of %s: the run goes on',
    async (name) => {
      mkdirSync(at(name));
      const ended = await fleet.run(deploy());
      expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining(at(name)) });
    },
  );

  test('a pipe without a reader in the place of deploy.log: the run goes on', async () => {
    execFileSync('mkfifo', [at('deploy.log')]);
    expect(await fleet.run(deploy())).toMatchObject({ code: 0 });
  });

  test('names of forty groups, which are longer than a file name may be', async () => {
    const groups = Array.from({ length: 40 }, (_, i) => `group-of-some-length-${i}`);
    const hosts = practice.lab.hosts.map(({ name, port, appPort }) => ({ name, port, appPort }));
    const text = (): string =>
      execFileSync('cat', [practice.lab.inventoryFile], { encoding: 'utf8' });
    const [top, list = ''] = text().split(/^ {2}prod:\n/m);
    expect(hosts).toHaveLength(1);
    const many = groups.map((group) => `  ${group}:\n${list}`).join('');
    writeFileSync(join(fleet.dir, 'forty.yaml'), `${top}${many}`);
    const args = ['-i', 'forty.yaml', '-g', groups.join(','), '--yes'];
    expect(await fleet.run(['deploy', ...args])).toMatchObject({ code: 0 });
    // The lock went by its digest, and was given back; the claims are on the host alone.
    expect(readdirSync(at('locks'))).toEqual([]);
  });

  test('a state folder that this account may not write', async () => {
    chmodSync(fleet.stateDir, 0o500);
    // What the account may read, so that only the state folder is in its way.
    execFileSync('chmod', ['a+rx', fleet.dir, join(fleet.dir, '.state')]);
    for (const args of [['lab', 'up']]) {
      const told = await refusal(args, { by: asNobody });
      expect([told.exitCode, told.error.code]).toEqual([2, 'file_unusable']);
    }
    expect((await refusal(['history'], { by: asNobody })).error.code).toBe('history_unavailable');
  });

  test('a config that this account may not read', async () => {
    const config = join(fleet.dir, 'secret.yaml');
    cpSync(join(fleet.dir, 'fleet.yaml'), config);
    chmodSync(config, 0o000);
    execFileSync('chmod', ['a+rx', fleet.dir]);
    const { exitCode, error } = await refusal(['history', '-c', config], { by: asNobody });
    expect([exitCode, error.message]).toEqual([2, expect.stringContaining(config)]);
  });

  test.each([
    ['is relative', { XDG_STATE_HOME: 'rel' }],
    ['is not an absolute path', { XDG_STATE_HOME: './rel' }],
  ])('XDG_STATE_HOME that %s', async (_, env) => {
    const { exitCode, error } = await refusal(['history'], { env });
    expect([exitCode, error.code]).toEqual([2, 'file_unusable']);
    expect(readdirSync(fleet.dir)).not.toContain('rel');
  });

  test('empty variables count as unset: no folder is made in the working directory', async () => {
    const env = { XDG_STATE_HOME: '', HOME: fleet.dir };
    expect(await fleet.run(['history'], { env })).toMatchObject({ code: 0 });
    expect(readdirSync(fleet.dir)).not.toContain('fleet');
    expect(readdirSync(join(fleet.dir, '.local/state/fleet'))).toContain('history.db');
  });

  test('a home that is relative', async () => {
    const { error } = await refusal(['history'], { env: { HOME: 'rel', XDG_STATE_HOME: '' } });
    expect(error).toMatchObject({ code: 'file_unusable', hint: expect.stringContaining('HOME') });
  });

  test('a working directory that was deleted', async () => {
    const by = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
    const { exitCode, error } = await refusal(['check'], { by });
    expect([exitCode, error.code]).toEqual([2, 'file_unusable']);
  });

  test('too few file descriptors', async () => {
    // Node itself needs about twenty; with fewer, Node reports it.
    for (const n of [22, 24, 28, 32, 40]) {
      const { exitCode, error } = await refusal(deploy(), { by: `ulimit -n ${n}; exec "$@"` });
      expect([exitCode, error.code]).toEqual([
        2,
        expect.stringMatching(/^(bastion_full|descriptor_limit)$/),
      ]);
    }
  });
});

describe.runIf(isRoot)('a disk of this machine that is full or read-only', () => {
  const mounted = (options: string, then = ''): string =>
    `unshare -m sh -c 'mount -t tmpfs -o ${options} tmpfs "$1" && shift && ${then} exec "$@"' sh "$XDG_STATE_HOME" "$@"`;

  test.each(['4k', '8k', '16k', '64k', '256k'])(
    'of %s either refuses the run by its own code, or the run goes to its end',
    async (size) => {
      const ended = await fleet.run([...deploy(), '--json'], { by: mounted(`size=${size}`) });
      expect(ended.stdout).not.toContain('"internal"');
      if (ended.code === 0) return;
      const { error } = JSON.parse(ended.stdout) as Told;
      expect([ended.code, error.code]).toEqual([
        2,
        expect.stringMatching(/^(bastion_full|disk_full)$/),
      ]);
    },
  );

  test('read-only refuses the run before anything is done', async () => {
    const by = mounted(
      'size=1m',
      'mkdir "$XDG_STATE_HOME/fleet" && mount -o remount,ro "$XDG_STATE_HOME" &&',
    );
    const { exitCode, error } = await refusal(deploy(), { by });
    expect([exitCode, error.code]).toEqual([2, 'file_unusable']);
    expect(error.message).toMatch(/cannot be made|read-only/);
  });
});
