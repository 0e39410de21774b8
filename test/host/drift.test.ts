import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDrift } from '../../src/host/reply/drift.js';
import { type Compared, compareStep } from '../../src/host/steps/compare-step.js';
import { armStep, confirmStep, pruneSteps, unclaimStep } from '../../src/host/steps/steps.js';
import type { DriftCheck, ReleaseDrift } from '../../src/model/releases/drift.js';
import type { SharedPath } from '../../src/model/runs/app.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import { ALL_SHELLS, createFakeHost, type FakeHost, type Shell } from './support/fake-host.js';
import { type FakeRelease, fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const ODD = 'a\nb\\c\td';
const FILES = {
  app: 'release 1',
  'lib/code': 'one',
  'lib/more': 'two',
  [`odd/${ODD}`]: 'odd',
  'log/.keep': '',
};
const one = fakeRelease(1, FILES);
const two = fakeRelease(2);
const SHARED: readonly SharedPath[] = [
  { path: 'log', kind: 'folder' },
  { path: 'var/data', kind: 'folder' },
];

let host: FakeHost;
function openHost(shell?: Shell): FakeHost {
  host = createFakeHost(shell);
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  return host;
}
afterEach(() => host.stop());

const inRelease = (path: string): string => join(host.root, 'releases', one.id, path);

async function stageOne(release: FakeRelease = one): Promise<void> {
  await host.run([claim(ownership(1), null)]);
  const outcome = await host.run([release.stage(ownership(1), SHARED)], release.payload);
  expect(codeOf(outcome)).toBe('ok');
}

async function compare(
  check: DriftCheck = 'content',
  compared: Compared = { kind: 'release', id: one.id },
): Promise<readonly ReleaseDrift[]> {
  const outcome = await host.run([compareStep(compared, check)]);
  expect(codeOf(outcome)).toBe('ok');
  return readDrift(outcome.events);
}

const armOne = (check: DriftCheck, run = 1) =>
  host.run([
    armStep(
      ownership(run),
      { from: null, to: one.id, version: '{}', deadMan: 'system', withinMs: 60_000, check },
      WATCH,
    ),
  ]);

const intact = (by: DriftCheck) => ({
  release: one.id,
  state: 'intact',
  by,
  differences: [],
  more: false,
});

describe.each(ALL_SHELLS)('with %s', (shell) => {
  test('a release that was just staged is intact, also by its contents', async () => {
    openHost(shell);
    await stageOne();
    expect(await compare('stamp')).toEqual([intact('stamp')]);
    expect(await compare('content')).toEqual([intact('content')]);
  });

  test('drift is found file by file', async () => {
    openHost(shell);
    await stageOne();
    writeFileSync(inRelease('lib/code'), 'ONE');
    rmSync(inRelease('lib/more'));
    chmodSync(inRelease('app'), 0o644);
    writeFileSync(inRelease('new'), '');
    writeFileSync(inRelease(`odd/${ODD}`), 'other');
    rmSync(inRelease('log'));
    const [drift] = await compare('stamp');
    expect(drift).toMatchObject({ state: 'drifted', by: 'content', more: false });
    const found = [...(drift?.differences ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(found).toEqual([
      { path: 'app', what: 'mode', was: '755', is: '644' },
      { path: 'lib/code', what: 'changed' },
      { path: 'lib/more', what: 'missing' },
      { path: 'log', what: 'missing' },
      { path: 'new', what: 'added' },
      { path: `odd/${ODD}`, what: 'changed' },
    ]);
  });
});

describe('a release on a host', () => {
  beforeEach(async () => {
    openHost();
    await stageOne();
  });

  test('is seen as changed also where size and mtime are as before', async () => {
    const { mtime } = statSync(inRelease('lib/code'));
    writeFileSync(inRelease('lib/code'), 'eno');
    utimesSync(inRelease('lib/code'), mtime, mtime);
    expect(await compare('stamp')).toMatchObject([
      { state: 'drifted', differences: [{ path: 'lib/code', what: 'changed' }] },
    ]);
  });

  test('is intact after an activation, which replaces version.json', async () => {
    const by = ownership(1);
    await host.run(activationSteps(by, null, one.id));
    expect(await compare('stamp')).toEqual([intact('stamp')]);
    expect(await compare('content', { kind: 'current' })).toEqual([intact('content')]);
  });

  test.each([
    [
      'a file',
      () => writeFileSync(inRelease('log'), ''),
      { what: 'kind', was: 'link', is: 'file' },
    ],
    ['another link', () => symlinkSync('/tmp', inRelease('log')), { what: 'link', is: '/tmp' }],
    ['a folder', () => mkdirSync(inRelease('log')), { what: 'kind', is: 'folder' }],
  ])('has drifted where %s is in place of a shared link', async (_, replace, difference) => {
    rmSync(inRelease('log'));
    replace();
    expect(await compare('stamp')).toMatchObject([
      { state: 'drifted', differences: [{ path: 'log', ...difference }] },
    ]);
  });

  test('has drifted where its folder is gone', async () => {
    renameSync(inRelease('.'), join(host.root, 'releases/elsewhere'));
    expect(await compare()).toMatchObject([{ state: 'absent' }]);
  });

  test('is armed if nothing has changed', async () => {
    expect(codeOf(await armOne('stamp'))).toBe('ok');
  });

  test('is armed with files that were added, and its contents are not read again', async () => {
    writeFileSync(inRelease('lib/cache'), '');
    expect(codeOf(await armOne('stamp'))).toBe('ok');
    expect(await compare('stamp')).toEqual([intact('stamp')]);
    expect(await compare('content')).toMatchObject([
      { state: 'drifted', differences: [{ path: 'lib/cache', what: 'added' }] },
    ]);
  });

  test.each(['stamp', 'content'] as const)(
    'is not armed with a file that has changed, asked by its %s',
    async (check) => {
      appendFileSync(inRelease('lib/code'), 'x');
      rmSync(inRelease(`odd/${ODD}`));
      const outcome = await armOne(check);
      expect(outcome).toMatchObject({
        failure: {
          code: 'release_drifted',
          message: `release ${one.id} has changed on this host since it was deployed: odd/a\\nb\\\\c d, lib/code`,
        },
      });
      expect(host.state()).toMatchObject({ phase: 'staged' });
      expect(host.current()).toBeNull();
    },
  );

  test('is not armed with contents that changed under the same fingerprint', async () => {
    writeFileSync(inRelease('lib/code'), 'bit');
    const seen = join(host.root, '.fleet/manifests', `${one.id}+seen`);
    await forgeSeen(seen);
    expect(await compare('stamp')).toEqual([intact('stamp')]);
    await host.run([unclaimStep(ownership(1))]);
    await host.run([claim(ownership(2), null)]);
    expect(codeOf(await armOne('content', 2))).toBe('release_drifted');
  });

  /** As after a disk that has changed a bit: names, sizes and times are as they were seen. */
  async function forgeSeen(seen: string): Promise<void> {
    const manifest = join(host.root, '.fleet/manifests', one.id);
    const [was, own] = [readFileSync(manifest), `${manifest}+own`];
    writeFileSync(manifest, '# fleet manifest 1\n');
    renameSync(own, `${own}.kept`);
    rmSync(seen);
    expect(codeOf(await armOne('stamp'))).toBe('ok');
    writeFileSync(manifest, was);
    renameSync(`${own}.kept`, own);
  }

  test('is allowed without a manifest, as older fleets left them, and is called unverified', async () => {
    rmSync(join(host.root, '.fleet/manifests'), { recursive: true });
    expect(await compare()).toMatchObject([{ state: 'unverified' }]);
    expect(codeOf(await armOne('content'))).toBe('ok');
  });

  test('loses its manifest when it is pruned', async () => {
    const kept = (suffix: string) =>
      existsSync(join(host.root, '.fleet/manifests', `${one.id}${suffix}`));
    expect(['', '+own', '+seen'].map(kept)).toEqual([true, true, true]);
    await host.run([unclaimStep(ownership(1))]);
    await deploy(host, ownership(2), { from: null, to: two });
    const three = fakeRelease(3);
    const by = ownership(3);
    await host.run([claim(by, two.id)]);
    await host.run([three.stage(by)], three.payload);
    await host.run([...activationSteps(by, two.id, three.id), confirmStep(by, NOW)]);
    expect(codeOf(await host.run(pruneSteps(by, [one.id])))).toBe('ok');
    expect(['', '+own', '+seen'].map(kept)).toEqual([false, false, false]);
  });
});

test('all releases are compared at once, and none twice', async () => {
  openHost();
  await deploy(host, ownership(1), { from: null, to: one });
  await deploy(host, ownership(2), { from: one.id, to: two });
  writeFileSync(inRelease('app'), 'x');
  expect(await compare('stamp', { kind: 'all' })).toMatchObject([
    { release: one.id, state: 'drifted' },
    { release: two.id, state: 'intact' },
  ]);
});

describe('what was unpacked is compared with its manifest before it is visible', () => {
  const lying = (change: (release: FakeRelease) => FakeRelease) => async () => {
    openHost();
    await host.run([claim(ownership(1), null)]);
    const bad = change(one);
    const outcome = await host.run([bad.stage(ownership(1), SHARED)], bad.payload);
    expect(outcome).toMatchObject({ failure: { code: 'digest_mismatch' } });
    expect(existsSync(inRelease('.'))).toBe(false);
    expect(existsSync(join(host.root, '.fleet/manifests', one.id))).toBe(false);
    return outcome.kind === 'failed' ? outcome.failure.message : '';
  };

  test('a file with other content is refused by its name', async () => {
    const run = lying(() => one.withFiles({ ...FILES, 'lib/code': 'other' }));
    expect(await run()).toBe('the unpacked release is not what its manifest says: lib/code');
  });

  test('a file too many is refused', async () => {
    const run = lying(() => one.withFiles({ ...FILES, evil: '' }));
    expect(await run()).toContain('says: evil');
  });

  test('a missing file is refused', async () => {
    const { app: _, ...rest } = FILES;
    expect(await lying(() => one.withFiles(rest))()).toContain('says: app');
  });
});
