import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

describe('what a person mistypes', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2 });
  });
  beforeEach(() => {
    bastion = new Bastion({ config: { policy: QUICK } }).use(fleet);
    bastion.release(shop('good'));
  });
  afterEach(() => bastion.close());
  afterAll(() => fleet?.shutdown());

  /** Refused with 2, in such words, and no host has seen anything of it. */
  async function expectRefused(args: readonly string[], words: RegExp): Promise<void> {
    const ended = await exits(2, bastion.fleet(args));
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(words);
    await expectUntouched();
  }

  async function expectUntouched(): Promise<void> {
    for (const host of fleet.hosts) {
      const { stdout } = await host.run('ls -A /opt/shop; find /opt/shop -mindepth 1 -delete');
      expect(stdout).toBe('');
    }
  }

  // What else an id may not be, the tests of the model say; here it has to be asked at all.
  test.each(['../etc', 'a b', 'it\'s "$(id)"', ''])('a release id %j', (id) =>
    expectRefused([...DEPLOY, `--release=${id}`], /release id|--release/),
  );

  describe('fleet.yaml', () => {
    const GOOD = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';
    test.each([
      ['a tab', `${GOOD}policy:\n\twaves: [1, rest]\n`, /fleet\.yaml:5:1\b[\s\S]*tab/i],
      ['a key twice', `${GOOD}app: other\n`, /fleet\.yaml:4:1\b[\s\S]*app/],
      ['an unknown key', `${GOOD}polcy: {}\n`, /fleet\.yaml:4:1\b[\s\S]*polcy[\s\S]*policy/],
      ['a wrong value', `${GOOD}policy: { bake: soon }\n`, /fleet\.yaml:4:17\b[\s\S]*soon/],
      ['a root that is no absolute path', GOOD.replace('/opt/shop', 'opt'), /fleet\.yaml:2:7\b/],
      ['a unit that is an option', GOOD.replace('shop.service', '--force'), /fleet\.yaml:3:18\b/],
      ['an alias bomb', `${GOOD}x-bomb:\n${bomb(12)}`, /fleet\.yaml:\d+:\d+[\s\S]*alias/i],
      ['no YAML at all', '\u0000\u0001\u0002', /fleet\.yaml/],
      ['nothing', '', /fleet\.yaml/],
    ])('with %s', async (_, text, words) => {
      bastion.configure(text);
      const started = performance.now();
      await expectRefused(['check'], words);
      expect(performance.now() - started).toBeLessThan(5_000);
    });

    test('with mistakes in several places shows all of them at once, and those of the inventory', async () => {
      bastion.configure(`${GOOD}polcy: {}\npolicy: { bake: soon, wavs: [1] }\n`);
      bastion.write('inventories/lab.yaml', 'groups:\n  web: { hots: [h01] }\n');
      await expectRefused(['check'], /:4:1\b[\s\S]*:5:17\b[\s\S]*:5:23\b[\s\S]*lab\.yaml:2:10\b/);
    });
  });

  test.each([
    ['an empty --to', ['--to='], /no release is called ""/],
    ['a release that no host has', ['--to', 'nope'], /nope/],
    ['a fleet without any release', [], /no host has a current release/],
  ])('a rollback with %s', (_, args, words) =>
    expectRefused(['rollback', '-g', 'web', '--yes', ...args], words),
  );

  test.each([
    ['a group that does not exist', ['-g', 'wbe'], /no group wbe[\s\S]*did you mean web/],
    ['a limit that leaves nothing', ['-g', 'web', '-l', '!h*'], /matches no host of web/],
    ['a limit that fits nothing', ['-g', 'web', '-l', 'h0l'], /h0l/],
    ['no group', [], /no group is named/],
  ])('%s', (_, args, words) => expectRefused(['deploy', '--yes', '--from', 'app', ...args], words));

  test('two names for one host', async () => {
    const [{ address } = { address: '' }] = fleet.hosts;
    bastion.write(
      'inventories/more.yaml',
      `groups: { web: { hosts: [{ name: again, address: ${address} }] } }\n`,
    );
    await expectRefused(DEPLOY, /h01[\s\S]*again|again[\s\S]*h01/);
  });

  test('a source that is missing, or is empty', async () => {
    await expectRefused(['deploy', '-g', 'web', '-y', '--from', 'dist'], /dist/);
    await expectRefused(['deploy', '-g', 'web', '-y', '--from', 'git:nope'], /nope/);
    await expectRefused(['deploy', '-g', 'web', '-y', '--from', 'git:HEAD:nope'], /nope/);
    await expectRefused(['deploy', '-g', 'web', '-y'], /--from/);
  });

  test.each([
    ['climbs out', { name: '../../etc/cron.d/x' }],
    ['is absolute', { name: '/etc/cron.d/x' }],
    ['hides its way up', { name: 'a/../../x' }],
    [
      'links out of the release',
      { name: 'conf', type: 'symlink', linkname: '../../../etc/passwd' },
    ],
    ['links to an absolute place', { name: 'conf', type: 'symlink', linkname: '/etc/passwd' }],
    ['is a hard link outwards', { name: 'conf', type: 'link', linkname: '../../../etc/passwd' }],
    ['is a device', { name: 'null', type: 'character-device' }],
  ] as const)('a tar with a member that %s', async (_, header) => {
    const archive = pack();
    archive.entry({ name: 'bin/start', mode: 0o755 }, '#!/bin/sh\n');
    if ('type' in header) archive.entry(header);
    else archive.entry(header, 'x\n');
    archive.finalize();
    bastion.write('bad.tar', await buffer(archive));
    await expectRefused(
      ['deploy', '-g', 'web', '-y', '--from', 'bad.tar'],
      /bad\.tar[\s\S]*(x|conf|null)/,
    );
  });

  test('a tar that is cut off, or is not a tar', async () => {
    bastion.write('bad.tar.gz', 'no gzip');
    await expectRefused(['deploy', '-g', 'web', '-y', '--from', 'bad.tar.gz'], /bad\.tar\.gz/);
    execFileSync('tar', ['-czf', join(bastion.dir, 'whole.tgz'), '-C', bastion.dir, '.git', 'app']);
    execFileSync('sh', ['-c', 'head -c 900 whole.tgz > cut.tgz'], { cwd: bastion.dir });
    await expectRefused(['deploy', '-g', 'web', '-y', '--from', 'cut.tgz'], /cut\.tgz/);
  });

  test('a deploy without a terminal and without --yes asks for the flag before it connects', async () => {
    await Promise.all(fleet.hosts.map((host) => host.linkDown()));
    const ended = await bastion.fleet(['deploy', '-g', 'web', '--from', 'app']);
    await Promise.all(fleet.hosts.map((host) => host.linkUp()));
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--yes') });
  });

  test('an unknown command or flag, with a suggestion', async () => {
    await expectRefused(['deplyo'], /deploy/);
    await expectRefused(['deploy', '--grp', 'web'], /--grp/);
    await expectRefused(['deploy', '-g', 'web', '--forks', 'many'], /forks/);
  });

  test('a refusal is one JSON object with --json', async () => {
    const ended = await exits(2, bastion.fleet(['deploy', '-g', 'wbe', '-y', '--json']));
    expect(ended.json()).toMatchObject({
      schemaVersion: 1,
      exitCode: 2,
      error: { code: 'group_unknown', message: expect.any(String), hint: expect.any(String) },
    });
    expect(ended.stderr).toBe('');
  });
});

/** `n` levels of ten aliases each. */
function bomb(levels: number): string {
  const lines = ['  - &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < levels; level++) {
    lines.push(`  - &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return `${lines.join('\n')}\n`;
}
