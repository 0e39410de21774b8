import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

/** Makes `dist` of the example app, with what `page` says on its page. */
const MAKE =
  'rm -rf dist && cp -r releases/good dist && cp page dist/public/page && echo made >>builds';

function builder(run: string, more = '') {
  const bastion = practiceBastion(practice.lab);
  const config = join(bastion.dir, 'fleet.yaml');
  const text = readFileSync(config, 'utf8').replace('./releases/good', './dist');
  writeFileSync(config, `${text}build: ${run}\n${more}`);
  writeFileSync(join(bastion.dir, 'page'), 'one');
  const builds = (): number => {
    const file = join(bastion.dir, 'builds');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  };
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: bastion.dir,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: bastion.dir },
    }).trim();
  return { ...bastion, builds, git };
}

/** What is left of packing, beside the times that a later upload needs. */
const leftIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name !== 'times');

/** What the first host serves. */
const served = (): string =>
  readFileSync(join(practice.lab.hosts[0]?.home ?? '', 'shop/current/public/page'), 'utf8');

describe('a build', () => {
  test('runs once before a deploy and before a plan, and is skipped on request', async () => {
    const at = builder(MAKE);
    const deployed = await at.fleet('deploy', '--yes');
    expect(deployed).toMatchObject({ code: 0 });
    expect(deployed.stderr).toMatch(
      /Building the release: rm -rf dist .*\n(.*\n)*?Built and packed in/,
    );
    expect(served()).toBe('one');
    expect(at.builds()).toBe(1);
    writeFileSync(join(at.dir, 'page'), 'two');
    const same = await at.fleet('plan deploy', '--no-build', '--json');
    expect(JSON.parse(same.stdout)).toMatchObject({ hosts: [] });
    expect(at.builds()).toBe(1);
    const planned = await at.fleet('plan deploy', '--json', '--quiet');
    expect(JSON.parse(planned.stdout).hosts).toHaveLength(2);
    expect(planned.stderr).toBe('');
    expect(at.builds()).toBe(2);
  }, 60_000);

  test('does not run for a rollback, nor for a typed source elsewhere', async () => {
    const at = builder('echo no >>builds');
    await at.fleet('plan rollback');
    await at.fleet(
      'plan deploy',
      '--from',
      join(import.meta.dirname, '../../examples/shop/releases/good'),
    );
    expect(at.builds()).toBe(0);
    await at.fleet('plan deploy', '--from', './releases/good');
    expect(at.builds()).toBe(1);
  });

  test('has the variables of fleet, those of this command, and those of an environment in fleet.yaml', async () => {
    const at = builder(
      '"env >env; false"',
      'environments: { prod: { build: { run: "env >env-of-prod; exit 3", timeout: 1m } } }\n',
    );
    const ended = await at.fleet('plan deploy');
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('exit code 3') });
    expect(existsSync(join(at.dir, 'env'))).toBe(false);
    const env = readFileSync(join(at.dir, 'env-of-prod'), 'utf8');
    expect(env).toMatch(/^FLEET_APP=shop$/m);
    expect(env).toMatch(/^FLEET_GROUP=prod$/m);
    expect(env).toMatch(/^PATH=/m);
  });

  test('that fails is shown with its last lines, and nothing is sent', async () => {
    const at = builder(
      '\'for i in $(seq 1 5000); do echo line $i; done; printf "\\\\033[31mred\\\\033[0m https://u:p@h/x\\n" >&2; exit 7\'',
    );
    const ended = await at.fleet('deploy', '--yes', '--json');
    const { error, exitCode } = JSON.parse(ended.stdout);
    expect(exitCode).toBe(2);
    expect(error).toMatchObject({
      code: 'build_failed',
      message: 'the build ended with exit code 7; nothing was sent to any host',
      hint: expect.stringContaining(at.dir),
    });
    const lines = error.problems.map(({ message }: { message: string }) => message);
    expect(lines).toHaveLength(20);
    expect(lines).toContain('line 5000');
    expect(lines).toContain('red https://***@h/x');
  });

  test.each([
    ['is killed', "'kill -9 $$'", 'was ended by SIGKILL'],
    ['takes too long', '{ run: "sleep 60", timeout: 1s }', 'took longer than 1s and was ended'],
    ['cannot be found', 'no-such-tool', 'ended with exit code 127'],
    ['makes nothing', '"true"', 'dist does not exist'],
  ])('that %s is refused', async (_, run, why) => {
    const at = builder(run);
    expect(await at.fleet('deploy', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(why),
    });
    expect(leftIn(join(at.dir, 'state/tmp'))).toEqual([]);
  });

  test('ends with its whole process group at Ctrl-C', async () => {
    const at = builder('"sleep 300 & echo $! >pid; wait"');
    const pid = join(at.dir, 'pid');
    const isStarted = () => existsSync(pid) && readFileSync(pid, 'utf8').endsWith('\n');
    const ended = await at.interrupted(isStarted, 'deploy', '--yes');
    expect(ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing was changed'),
    });
    await expect.poll(() => startTimeOf(Number(readFileSync(pid, 'utf8')))).toBe(null);
  });

  test('that leaves a process in the background does not wait for it', async () => {
    const at = builder(`"${MAKE}; sleep 5 & true"`);
    const began = performance.now();
    expect(await at.fleet('plan deploy')).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('shows its output with -v', async () => {
    const at = builder(`"${MAKE}; echo hello from the build"`);
    expect((await at.fleet('plan deploy', '-v')).stderr).toContain('\n  hello from the build\n');
    expect((await at.fleet('plan deploy')).stderr).not.toContain('\n  hello');
  });

  test('waits for another one in the same folder', async () => {
    const at = builder(`"test ! -e busy && touch busy && sleep 1 && ${MAKE} && rm busy"`);
    const both = await Promise.all([at.fleet('plan deploy'), at.fleet('plan deploy')]);
    expect(both).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(both.map(({ stderr }) => stderr).join()).toContain('Waiting for the build of run');
  });
});

describe('a build of a commit', () => {
  const MAKE_COMMIT = `"${MAKE}; echo $FLEET_COMMIT >dist/public/commit; git describe --tags >dist/public/tag; git status --porcelain >dist/public/status"`;

  function committed() {
    const at = builder(MAKE_COMMIT);
    writeFileSync(join(at.dir, '.gitignore'), 'dist/\nstate/\nbuilds\n');
    writeFileSync(join(at.dir, '.gitattributes'), 'page export-ignore\n');
    at.git('init', '-q', '-b', 'main');
    at.git('add', '.');
    at.git('commit', '-qm', 'one');
    at.git('tag', 'v1');
    writeFileSync(join(at.dir, 'page'), 'two');
    at.git('commit', '-qam', 'two');
    writeFileSync(join(at.dir, 'page'), 'not committed');
    return at;
  }

  test('runs in a clean checkout of it, where git knows the commit', async () => {
    const at = committed();
    const commit = at.git('rev-parse', 'v1');
    expect(await at.fleet('deploy', '--yes', '--from', 'git:v1')).toMatchObject({ code: 0 });
    expect(served()).toBe('one');
    const made = (name: string) =>
      readFileSync(join(practice.lab.hosts[0]?.home ?? '', `shop/current/public/${name}`), 'utf8');
    expect([made('commit'), made('tag'), made('status')]).toEqual([`${commit}\n`, 'v1\n', '']);
    expect(existsSync(join(at.dir, 'dist'))).toBe(false);
    expect(at.git('status', '--porcelain')).toBe('M page');
    expect(leftIn(join(at.dir, 'state/tmp'))).toEqual([]);
  }, 60_000);

  test('is made again for a plan in a file, of the same commit wherever the branch is', async () => {
    const at = committed();
    expect(await at.fleet('plan deploy', '--from', 'git:main', '--out', 'p.json')).toMatchObject({
      code: 0,
    });
    at.git('reset', '-q', '--soft', 'v1');
    const apply = ['apply', 'p.json', '-i', practice.lab.inventoryFile, '--yes'];
    expect(await at.typed(...apply)).toMatchObject({ code: 0 });
    expect(served()).toBe('two');
  }, 60_000);

  test('without what the build should make is refused', async () => {
    const at = committed();
    expect(await at.fleet('plan deploy', '--from', 'git:v1:out')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no folder "out"[\s\S]*git:REF:FOLDER/),
    });
  });
});
