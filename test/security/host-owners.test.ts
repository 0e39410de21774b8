import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { stepWords } from '../../src/host/command.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { UnsafePath } from '../../src/host/protocol/unsafe-path.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { installGuardStep } from '../../src/host/steps/guard-steps.js';
import { adoptStep, factsStep, renewStep, unclaimStep } from '../../src/host/steps/steps.js';
import { claim, ownership } from '../host/support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from '../host/support/fake-host.js';
import { codeOf } from '../host/support/refused-step.js';

/** The login of these hosts is whoever runs the tests; only root can play the other users. */
const isRoot = process.getuid?.() === 0;
const OTHER = 65_534;
const OTHER_GROUP = 65_534;
const by = ownership(1);
const program = loadHostProgram();

let host: FakeHost;
afterEach(() => host.stop());

async function claimed(shell: (typeof SHELLS)[number] = 'dash'): Promise<void> {
  host = createFakeHost(shell);
  host.unit('shop.service', { action: 'start' });
  expect(codeOf(await host.run([claim(by, null)]))).toBe('ok');
}

const inRoot = (path: string): string => join(host.root, path);
const FACTS = factsStep(SERVICE, [], { releases: true });

async function unsafe(): Promise<readonly Pick<UnsafePath, 'path' | 'what'>[]> {
  const outcome = await host.run([FACTS]);
  expect(codeOf(outcome)).toBe('ok');
  const found = readFacts(outcome.events)?.unsafe ?? [];
  return found.map(({ path, what }) => ({ path, what }));
}

async function refusals(): Promise<readonly string[]> {
  const state = existsSync(inRoot('.fleet/state')) ? readFileSync(inRoot('.fleet/state')) : null;
  const next = ownership(2);
  const adopt = adoptStep(next, { owner: 'ada', leaseMs: 60_000, over: by.run, force: true });
  const guard = installGuardStep({ name: 'shop', service: SERVICE }, ['# a unit']);
  const codes: string[] = [];
  for (const step of [claim(next, null), adopt, guard]) codes.push(codeOf(await host.run([step])));
  const after = existsSync(inRoot('.fleet/state')) ? readFileSync(inRoot('.fleet/state')) : null;
  expect(after).toEqual(state);
  return codes;
}

const REFUSED = ['root_unsafe', 'root_unsafe', 'root_unsafe'];

describe.each(SHELLS)('in %s', (shell) => {
  test('what fleet creates is safe', async () => {
    await claimed(shell);
    expect(await unsafe()).toEqual([]);
  });

  test.each([
    ['', 0o775, 'writable'],
    ['', 0o757, 'writable'],
    ['', 0o1777, 'writable'],
    ['releases', 0o775, 'writable'],
    ['.fleet', 0o770, 'writable'],
    ['.fleet/bin', 0o775, 'writable'],
    ['.fleet/releases', 0o775, 'writable'],
    ['.fleet/state', 0o666, 'writable'],
    ['.fleet/log', 0o664, 'writable'],
    ['.fleet/lock', 0o666, 'writable'],
  ] as const)('%j that others may write by mode %o is refused', async (path, mode, what) => {
    await claimed(shell);
    if (isRoot) chownSync(inRoot(path), 0, OTHER_GROUP);
    else if ((mode & 0o002) === 0) return;
    chmodSync(inRoot(path), mode);
    expect(await unsafe()).toEqual([{ path: join(host.root, path), what }]);
    expect(await refusals()).toEqual(REFUSED);
    chmodSync(inRoot(path), mode & 0o755);
    expect(await unsafe()).toEqual([]);
    expect(codeOf(await host.run([claim(ownership(3), null)]))).not.toBe('root_unsafe');
  });

  test
    .runIf(isRoot)
    .each([
      '',
      'releases',
      '.fleet',
      '.fleet/bin',
      '.fleet/releases',
      '.fleet/state',
      '.fleet/log',
      '.fleet/lock',
    ])('%j that belongs to another user is refused', async (path) => {
    await claimed(shell);
    chownSync(inRoot(path), OTHER, 0);
    expect(await unsafe()).toEqual([{ path: join(host.root, path), what: 'owner' }]);
    expect(await refusals()).toEqual(REFUSED);
  });

  test('a program that others may write is reported, and replaced before it is used', async () => {
    await claimed(shell);
    const path = inRoot(`.fleet/bin/${program.sha256}`);
    writeFileSync(path, 'exit 0\n');
    chmodSync(path, 0o666);
    expect(await unsafe()).toEqual([{ path, what: 'writable' }]);
    expect(codeOf(await host.run([claim(ownership(2), null)]))).toBe('locked');
    expect(await unsafe()).toEqual([]);
  });

  test.each(['.fleet', '.fleet/bin', '.fleet/state', '.fleet/log'])(
    '%j that is a link is refused, wherever it leads',
    async (path) => {
      await claimed(shell);
      renameSync(inRoot(path), join(host.dir, 'elsewhere'));
      symlinkSync(join(host.dir, 'elsewhere'), inRoot(path));
      expect(await unsafe()).toContainEqual({ path: inRoot(path), what: 'link' });
      expect(await refusals()).toEqual(REFUSED);
    },
  );

  test('releases may be a link, to a folder that no other user can change', async () => {
    await claimed(shell);
    const disk = join(host.dir, 'disk');
    mkdirSync(disk);
    renameSync(inRoot('releases'), join(disk, 'shop'));
    symlinkSync('../disk/shop', inRoot('releases'));
    expect(await unsafe()).toEqual([]);
    for (const [path, mode] of [
      [join(disk, 'shop'), 0o777],
      [join(disk, 'shop'), 0o1777],
      [disk, 0o777],
    ] as const) {
      chmodSync(path, mode);
      expect(await unsafe()).toEqual([{ path, what: 'writable' }]);
      expect(await refusals()).toEqual(REFUSED);
      chmodSync(path, 0o755);
    }
    chmodSync(disk, 0o1777);
    expect(await unsafe()).toEqual([]);
  });

  test('releases that is a link to no folder, or to one of an odd name, is refused', async () => {
    await claimed(shell);
    renameSync(inRoot('releases'), join(host.dir, 'a\nb'));
    for (const target of ['gone', '../a\nb']) {
      symlinkSync(target, inRoot('releases'));
      expect(await unsafe()).toContainEqual({ path: inRoot('releases'), what: 'link' });
      expect(await refusals()).toEqual(REFUSED);
      rmSync(inRoot('releases'));
    }
  });

  test.runIf(isRoot)('releases behind a link of another user’s folder is refused', async () => {
    await claimed(shell);
    const disk = join(host.dir, 'disk');
    mkdirSync(join(disk, 'shop'), { recursive: true });
    rmSync(inRoot('releases'), { recursive: true });
    symlinkSync(join(disk, 'shop'), inRoot('releases'));
    chownSync(disk, OTHER, OTHER_GROUP);
    expect(await unsafe()).toEqual([{ path: disk, what: 'owner' }]);
    expect(await refusals()).toEqual(REFUSED);
  });

  test.runIf(isRoot)('a folder above the root that others may write is refused', async () => {
    await claimed(shell);
    chmodSync(host.dir, 0o777);
    expect(await unsafe()).toEqual([{ path: host.dir, what: 'writable' }]);
    expect(await refusals()).toEqual(REFUSED);
    // As in /tmp, where no one may rename what is ours.
    chmodSync(host.dir, 0o1777);
    expect(await unsafe()).toEqual([]);
    chmodSync(host.dir, 0o755);
    chownSync(host.dir, OTHER, OTHER_GROUP);
    expect(await unsafe()).toEqual([{ path: host.dir, what: 'owner' }]);
    chownSync(host.dir, 0, 0);
  });

  test.runIf(isRoot)('a link on the way is followed, and what is above its target', async () => {
    await claimed(shell);
    const [open, app] = [join(host.dir, 'open'), join(host.dir, 'app')];
    mkdirSync(open);
    renameSync(host.root, app);
    symlinkSync('../app', join(open, 'hop'));
    symlinkSync('open/hop', host.root);
    expect(await unsafe()).toEqual([]);
    chmodSync(open, 0o777);
    expect(await unsafe()).toEqual([{ path: open, what: 'writable' }]);
    expect(await refusals()).toEqual(REFUSED);
    chmodSync(open, 0o755);
    lchownSync(host.root, OTHER, OTHER_GROUP);
    expect(await unsafe()).toEqual([{ path: host.root, what: 'owner' }]);
  });

  test.runIf(isRoot)('every other verb refuses a .fleet that is not the login’s', async () => {
    await claimed(shell);
    chownSync(inRoot('.fleet'), OTHER, 0);
    const copy = join(host.dir, 'program');
    writeFileSync(copy, program.text);
    for (const step of [renewStep(by, 60_000), unclaimStep(by)]) {
      const words = [copy, ...stepWords(host.root, [step])];
      const { stdout } = spawnSync('sh', words, { env: host.env, encoding: 'utf8' });
      expect(stdout).toContain('"code":"root_unsafe"');
    }
  });

  test('folders below shared/ may have any owner', async () => {
    await claimed(shell);
    mkdirSync(inRoot('shared/uploads'));
    if (isRoot) chownSync(inRoot('shared/uploads'), OTHER, OTHER_GROUP);
    chmodSync(inRoot('shared/uploads'), 0o777);
    expect(await unsafe()).toEqual([]);
  });
});

describe.runIf(isRoot)('a group that may write', () => {
  /** The host's /etc/passwd and /etc/group, for the one process: in a mount namespace of its own. */
  const mounted = (passwd: string, group: string, uid: number): readonly UnsafePath[] => {
    const files = { passwd, group };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(host.dir, name), text);
    const bind = Object.keys(files).map((name) => `mount --bind ${host.dir}/${name} /etc/${name}`);
    const words = `sh ${inRoot('.fleet/bin')}/${program.sha256} step facts root=${host.root}`;
    const login = `exec setpriv --reuid=${uid} --regid=${uid} --clear-groups ${words}`;
    const script = [...bind, login].join(' && ');
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
      env: host.env,
      encoding: 'utf8',
    });
    const line = stdout.split('\n').find((each) => each.startsWith('{"event":"host"'));
    if (line === undefined) throw new Error(stdout);
    return JSON.parse(line).unsafe ?? [];
  };
  const PASSWD = 'root:x:0:0::/root:/bin/sh\ndeploy:x:1500:1500::/:/bin/sh\n';

  const asDeploy = async (gid: number): Promise<void> => {
    await claimed();
    chmodSync(host.dir, 0o755);
    spawnSync('chown', ['-R', `1500:${gid}`, host.root]);
    spawnSync('chmod', ['-R', 'g+w', host.root]);
  };

  test.each([
    ['deploy:x:1500:\n', ''],
    ['deploy:x:1500:deploy\n', ''],
    ['deploy:x:1500:deploy,root\n', ''],
  ])('is the login’s own: %j is accepted', async (group) => {
    await asDeploy(1500);
    expect(mounted(PASSWD, group, 1500)).toEqual([]);
  });

  test.each([
    ['with another member', PASSWD, 'deploy:x:1500:deploy,app\n', 1500],
    [
      'that is another user’s first',
      `${PASSWD}app:x:1600:1500::/:/bin/sh\n`,
      'deploy:x:1500:\n',
      1500,
    ],
    ['of the app', `${PASSWD}app:x:1600:1600::/:/bin/sh\n`, 'app:x:1600:\n', 1600],
    ['without a name', PASSWD, '', 1500],
    ['of people', PASSWD, 'users:x:100:\n', 100],
    ['of the system with a user', `${PASSWD}www:x:33:33::/:/bin/sh\n`, 'www:x:33:\n', 33],
  ])('%s is refused', async (_, passwd, group, gid) => {
    await asDeploy(gid);
    expect(mounted(passwd, group, 1500)[0]).toMatchObject({ what: 'writable', gid });
  });

  test('is of the system and without members, as Debian’s staff: it is accepted', async () => {
    await asDeploy(50);
    expect(mounted(PASSWD, 'staff:x:50:\n', 1500)).toEqual([]);
  });
});
