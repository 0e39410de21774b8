import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type PreparedRelease, prepareRelease } from '../../src/artifact/prepare.js';
import { readDrift } from '../../src/host/reply/drift.js';
import { compareStep } from '../../src/host/steps/compare-step.js';
import { stageStep } from '../../src/host/steps/stage-step.js';
import { asRunId } from '../../src/model/names.js';
import type { ReleaseSource } from '../../src/model/runs/app.js';
import { GIT_ENV, run } from '../artifact/support/scratch.js';
import {
  type AnyTree,
  arrived,
  type Planted,
  plantTree,
  readTree,
  treeArbitrary,
} from './support/any-tree.js';
import { claim, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SHELLS } from './support/fake-host.js';
import { NOW, releaseOf } from './support/fake-release.js';
import { type RawMember, rawTar } from './support/raw-tar.js';
import { codeOf } from './support/refused-step.js';

const scratch = mkdtempSync(join(tmpdir(), 'fleet-tree-'));
const hosts: FakeHost[] = [];
afterAll(() => {
  for (const host of hosts) host.stop();
  rmSync(scratch, { recursive: true, force: true });
}, 60_000);

let count = 0;
function freshFolder(): string {
  count += 1;
  return join(scratch, `tree-${count}`);
}

const prepare = (source: ReleaseSource): Promise<PreparedRelease> =>
  prepareRelease(source, {
    tmpDir: join(scratch, 'tmp'),
    now: () => new Date(NOW),
    links: 'inside',
    env: GIT_ENV,
    idOverride: `r${count}`,
  });

/** A host that is claimed, and stages what it is given. */
async function claimedHost(shell: (typeof SHELLS)[number]): Promise<FakeHost> {
  const host = createFakeHost(shell);
  hosts.push(host);
  await host.run([claim(ownership(1), null)]);
  return host;
}

async function stage(host: FakeHost, prepared: PreparedRelease): Promise<string> {
  const { release, sha256, bytes, unpackedBytes: unpacked, format, packedManifest } = prepared;
  const meta = { ...release, app: 'shop', run: asRunId('run1'), deployer: 'ada', deployedAt: NOW };
  const archive = { sha256, bytes, unpacked, format, manifest: packedManifest };
  const step = stageStep(ownership(1), {
    ...{ meta, archive, version: '{}', shared: [], links: 'inside', since: NOW },
  });
  const outcome = await host.run([step], prepared.payload());
  expect(outcome.kind === 'ok' ? 'ok' : outcome.failure?.message).toBe('ok');
  const seen = await host.run([compareStep({ kind: 'release', id: release.id }, 'content')]);
  expect(readDrift(seen.events)).toMatchObject([{ state: 'intact', differences: [] }]);
  await prepared.dispose();
  return join(host.root, 'releases', release.id);
}

/** Twenty paths a tree: enough for every piece of a name within a few runs. */
const RUNS = { numRuns: 12, endOnFailure: true };

describe.each(SHELLS)('on a host with %s', (shell) => {
  test('any folder arrives as it was', async () => {
    const host = await claimedHost(shell);
    await fc.assert(
      fc.asyncProperty(treeArbitrary, async (tree) => {
        const path = freshFolder();
        // The list of busybox's tar is ambiguous with such names, so its host may refuse them.
        fc.pre(shell !== 'busybox' || ![...tree.keys()].some((name) => /[\n\r]/.test(name)));
        plantTree(path, tree);
        const there = await stage(host, await prepare({ kind: 'folder', path }));
        expect(readTree(there)).toEqual(arrived(tree));
      }),
      RUNS,
    );
  }, 120_000);

  test('the deepest path and the longest name arrive', async () => {
    const host = await claimedHost(shell);
    const path = freshFolder();
    const deep = Array(200).fill('deeper').join('/');
    plantTree(path, new Map([['n'.repeat(255), { kind: 'folder', mode: 0o755 }]]));
    mkdirSync(join(path, deep), { recursive: true });
    writeFileSync(join(path, 'n'.repeat(255), 'é'.repeat(127)), 'x');
    const there = await stage(host, await prepare({ kind: 'folder', path }));
    expect(readTree(there)).toEqual(readTree(path));
  }, 60_000);
});

test('any archive arrives as it was', async () => {
  const host = await claimedHost('dash');
  await fc.assert(
    fc.asyncProperty(treeArbitrary, async (tree) => {
      const folder = freshFolder();
      plantTree(folder, tree);
      const path = `${folder}.tar`;
      run(folder, 'tar', '--format=posix', '-cf', path, '.');
      const there = await stage(host, await prepare({ kind: 'archive', path }));
      expect(readTree(there)).toEqual(arrived(tree));
    }),
    { ...RUNS, numRuns: 6 },
  );
}, 120_000);

test('any commit arrives as git knows it', async () => {
  const host = await claimedHost('dash');
  await fc.assert(
    fc.asyncProperty(treeArbitrary, async (tree) => {
      const repository = freshFolder();
      plantTree(repository, asInGit(tree));
      run(repository, 'git', 'init', '-q');
      run(repository, 'git', 'add', '-A');
      run(repository, 'git', 'commit', '-qm', 'all');
      const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
      const there = await stage(host, await prepare(source));
      expect(readTree(there)).toEqual(arrived(asInGit(tree)));
    }),
    { ...RUNS, numRuns: 6 },
  );
}, 120_000);

/** git keeps the execute bit of files and no empty folder. */
function asInGit(tree: AnyTree): AnyTree {
  const kept = [...tree].filter(([path, { kind }]) => kind !== 'folder' || isFilled(tree, path));
  return new Map(kept.map(([path, planted]) => [path, gitOf(planted)]));
}

function gitOf(planted: Planted): Planted {
  switch (planted.kind) {
    case 'link':
      return planted;
    case 'folder':
      return { kind: 'folder', mode: 0o755 };
    case 'file':
      return { ...planted, mode: (planted.mode & 0o100) === 0 ? 0o644 : 0o755 };
  }
}

const isFilled = (tree: AnyTree, folder: string): boolean =>
  [...tree].some(([path, { kind }]) => kind !== 'folder' && path.startsWith(`${folder}/`));

const HOSTILE = [
  'absolute',
  'up',
  'up inside',
  'absolute link',
  'link up',
  'hard link',
  'hard link up',
  'pipe',
  'device',
  'through a link',
  'through a file',
  'twice',
  'link and file',
] as const;

/** A member that must not be unpacked, somewhere in a folder of the archive. */
const hostileArbitrary: fc.Arbitrary<readonly RawMember[]> = fc
  .record({
    folder: fc.constantFrom('', 'd/', 'd/e/', 'a b/', 'x\ny/'),
    name: fc.constantFrom('evil', '-rf', 'e v', "e'v", 'e\nv', '\u001b[2J', 'é'),
    kind: fc.constantFrom(...HOSTILE),
  })
  .map(hostileMembers);

interface Hostile {
  readonly folder: string;
  readonly name: string;
  readonly kind: (typeof HOSTILE)[number];
}

function hostileMembers({ folder, name, kind }: Hostile): readonly RawMember[] {
  const path = `${folder}${name}`;
  const ups = '../'.repeat(folder.split('/').length);
  switch (kind) {
    case 'absolute':
      return [{ name: `/tmp/fleet-evil/${name}` }];
    case 'up':
      return [{ name: `${folder}${ups}${name}` }];
    case 'up inside':
      return [{ name: `x/../../${path}` }];
    case 'absolute link':
      return [{ name: path, type: 'symlink', link: `/etc/${name}` }];
    case 'link up':
      return [{ name: path, type: 'symlink', link: `${ups}${name}` }];
    case 'hard link':
      return [{ name: path, type: 'hardlink', link: '/etc/hostname' }];
    case 'hard link up':
      return [{ name: path, type: 'hardlink', link: `${ups}../etc/hostname` }];
    case 'pipe':
      return [{ name: path, type: 'fifo' }];
    case 'device':
      return [{ name: path, type: 'device' }];
    case 'through a link':
      return [{ name: path, type: 'symlink', link: '/tmp' }, { name: `${path}/fleet-evil` }];
    case 'through a file':
      return [{ name: path }, { name: `${path}/below` }];
    case 'twice':
      return [{ name: path }, { name: `./${path}` }];
    case 'link and file':
      return [{ name: path, type: 'symlink', link: 'elsewhere' }, { name: path }];
  }
}

const hostile = fc.tuple(
  hostileArbitrary,
  fc.array(
    fc.constantFrom<RawMember>({ name: 'good' }, { name: 'good/', type: 'folder' }, { name: 'z' }),
    {
      maxLength: 1,
    },
  ),
);

test('a hostile archive is refused on the bastion, whatever it is called', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async ([bad, good]) => {
      const path = `${freshFolder()}.tar`;
      writeFileSync(path, rawTar([...good, ...bad]));
      await expect(prepare({ kind: 'archive', path })).rejects.toMatchObject({
        code: 'archive_unsafe',
        message: expect.not.stringMatching(/\p{Cc}/u),
      });
    }),
    { numRuns: 100 },
  );
}, 120_000);

describe.each(SHELLS)('on a host with %s', (shell) => {
  test('a hostile archive that does not come from fleet is refused and leaves nothing', async () => {
    const host = await claimedHost(shell);
    const manifest = [{ kind: 'file', path: 'good', mode: 0o755, size: 0, sha256: EMPTY }] as const;
    await fc.assert(
      fc.asyncProperty(hostile, async ([bad]) => {
        const release = releaseOf(1, rawTar([{ name: 'good' }, ...bad]), 'none', manifest);
        const outcome = await host.run([release.stage(ownership(1))], release.payload);
        expect(['archive_unsafe', 'unpack_failed', 'digest_mismatch']).toContain(codeOf(outcome));
        expect(readTree(join(host.root, 'releases'))).toEqual({});
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 120_000);
});

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('a name that is not UTF-8 is refused, in a folder and in the target of a link', async () => {
  const folder = freshFolder();
  mkdirSync(folder, { recursive: true });
  const latin = Buffer.from([0x4a, 0xf6]);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), latin]), 'x');
  await expect(prepare({ kind: 'folder', path: folder })).rejects.toMatchObject({
    code: 'source_invalid',
    message: expect.stringContaining('has a name that is not UTF-8'),
  });
  const other = freshFolder();
  mkdirSync(other, { recursive: true });
  symlinkSync(latin, join(other, 'link'));
  await expect(prepare({ kind: 'folder', path: other })).rejects.toMatchObject({
    message: expect.stringContaining('"link" is a link whose target has a name that is not UTF-8'),
  });
});
