import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { LinkRule } from '../../src/model/runs/app.js';
import { claim, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { releaseOf } from './support/fake-release.js';
import { type RawMember, rawTar } from './support/raw-tar.js';

let host: FakeHost;
afterEach(() => host.stop());

const TARS = ['tar', 'busybox', 'toybox', 'bsdtar'] as const;

const CALLS = { busybox: 'busybox tar', toybox: 'toybox tar', bsdtar: 'bsdtar' };

async function stage(
  tar: (typeof TARS)[number],
  members: readonly RawMember[],
  links: LinkRule = 'inside',
): Promise<string> {
  host = createFakeHost();
  if (tar !== 'tar') host.tool('tar', `#!/bin/sh\nexec ${CALLS[tar]} "$@"\n`);
  const release = releaseOf(1, rawTar(members), 'none');
  const by = ownership(1);
  await host.run([claim(by, null)]);
  const outcome = await host.run([release.stage(by, [], links)], release.payload);
  return outcome.kind === 'ok' ? 'ok' : outcome.failure.code;
}

describe.each(TARS)('with %s', (tar) => {
  const bad: readonly (readonly [string, readonly RawMember[]])[] = [
    ['a member with ..', [{ name: '../evil' }]],
    ['a member with .. inside', [{ name: 'a/../../evil' }]],
    ['an absolute member', [{ name: '/tmp/fleet-evil' }]],
    ['an absolute link', [{ name: 'l', type: 'symlink', link: '/etc/passwd' }]],
    ['a link that climbs', [{ name: 'l', type: 'symlink', link: '../x' }]],
    ['a deep link that climbs', [{ name: 'a/b/l', type: 'symlink', link: '../../../x' }]],
    ['a hard link to outside', [{ name: 'h', type: 'hardlink', link: '/etc/hostname' }]],
    [
      'a hard link that climbs',
      [{ name: 'h', type: 'hardlink', link: '../../../../etc/hostname' }],
    ],
    [
      'a hard link that ends above',
      [{ name: 'd/f' }, { name: 'h', type: 'hardlink', link: 'd/../../..' }],
    ],
    [
      'a hard link through a link of the archive',
      [
        { name: 's', type: 'symlink', link: '/etc' },
        { name: 'h', type: 'hardlink', link: 's/hostname' },
      ],
    ],
    [
      'a hard link behind the line of a link',
      [{ name: 'h\nlrwxrwxrwx 0/0 0 x', type: 'hardlink', link: '/etc/hostname' }],
    ],
    ['a pipe', [{ name: 'p', type: 'fifo' }]],
    [
      'a link that climbs over another link',
      [
        { name: 's/up', type: 'symlink', link: '..' },
        { name: 'y', type: 'symlink', link: 's/up/../../x' },
      ],
    ],
    [
      'a member through a link of the archive',
      [{ name: 'x', type: 'symlink', link: '/tmp' }, { name: 'x/fleet-evil' }],
    ],
  ];

  test.each(bad)('%s is refused and leaves nothing', async (_, members) => {
    expect(['archive_unsafe', 'unpack_failed']).toContain(await stage(tar, members));
    expect(readdirSync(join(host.root, 'releases'))).toEqual([]);
    expect(readdirSync(host.dir)).not.toContain('evil');
    expect(existsSync('/tmp/fleet-evil')).toBe(false);
    expect(host.state()).toMatchObject({ phase: 'claimed' });
  });

  test.each([
    ['a hard link to outside', [{ name: 'h', type: 'hardlink', link: '/etc/hostname' }]],
    ['a version.json that is a folder', [{ name: 'version.json/', type: 'folder' }]],
  ] as const)('%s is refused by its name', async (_, members) => {
    expect(await stage(tar, members)).toBe('archive_unsafe');
    expect(readdirSync(join(host.root, 'releases'))).toEqual([]);
  });

  test('links that stay inside, odd names and executable bits come through', async () => {
    const members: readonly RawMember[] = [
      { name: 'bin/run', mode: 0o6755 },
      { name: 'a/b/', type: 'folder' },
      { name: 'a/b/back', type: 'symlink', link: '../../bin/run' },
      { name: 'top', type: 'symlink', link: 'a/b/../b/back' },
      { name: 'dangling', type: 'symlink', link: 'no/where' },
      { name: 'hard', type: 'hardlink', link: 'bin/run' },
      { name: "a/it's \\ a\nname" },
      { name: '-rf' },
      { name: '.hidden/..odd' },
    ];
    expect(await stage(tar, members)).toBe('ok');
    const [id = ''] = readdirSync(join(host.root, 'releases'));
    expect(statSync(join(host.root, 'releases', id, 'a/b/back')).mode & 0o7777).toBe(0o755);
  });

  test('modes come through, but for what umask 022 takes, and for setuid and the sticky bit', async () => {
    const members: readonly RawMember[] = [
      { name: 'key', mode: 0o600 },
      { name: 'read-only', mode: 0o444 },
      { name: 'group', mode: 0o664 },
      { name: 'private/', type: 'folder', mode: 0o700 },
      { name: 'private/tool', mode: 0o2750 },
      { name: 'sticky/', type: 'folder', mode: 0o1777 },
    ];
    expect(await stage(tar, members)).toBe('ok');
    const [id = ''] = readdirSync(join(host.root, 'releases'));
    const modeOf = (name: string) => statSync(join(host.root, 'releases', id, name)).mode & 0o7777;
    expect(members.map(({ name }) => modeOf(name).toString(8))).toEqual([
      '600',
      '444',
      '644',
      '700',
      '750',
      '755',
    ]);
  });

  test('links that leave the release come through where they are allowed', async () => {
    const members: readonly RawMember[] = [
      { name: 'venv/bin/', type: 'folder' },
      { name: 'venv/bin/python3', type: 'symlink', link: '/bin/sh' },
      { name: 'up', type: 'symlink', link: '../../../..' },
    ];
    expect(await stage(tar, members, 'allow')).toBe('ok');
    const [id = ''] = readdirSync(join(host.root, 'releases'));
    expect(readlinkSync(join(host.root, 'releases', id, 'venv/bin/python3'))).toBe('/bin/sh');
    expect(readlinkSync(join(host.root, 'releases', id, 'up'))).toBe('../../../..');
  });

  const through: readonly (readonly [string, readonly RawMember[]])[] = [
    [
      'a member through a link',
      [{ name: 'x', type: 'symlink', link: '/tmp' }, { name: 'x/fleet-evil' }],
    ],
    ['a hard link to outside', [{ name: 'h', type: 'hardlink', link: '/etc/hostname' }]],
    ['an absolute member', [{ name: '/tmp/fleet-evil' }]],
  ];

  test.each(through)('%s is refused also where links are allowed', async (_, members) => {
    expect(['archive_unsafe', 'unpack_failed']).toContain(await stage(tar, members, 'allow'));
    expect(readdirSync(join(host.root, 'releases'))).toEqual([]);
    expect(existsSync('/tmp/fleet-evil')).toBe(false);
  });
});

test('zstd and plain archives are unpacked too', async () => {
  host = createFakeHost();
  const by = ownership(1);
  await host.run([claim(by, null)]);
  const packed = execFileSync('zstd', ['-q', '-c'], { input: rawTar([{ name: 'x' }]) });
  const release = releaseOf(2, packed, 'zstd');
  expect(await host.run([release.stage(by)], packed)).toMatchObject({ kind: 'ok' });
  expect(existsSync(join(host.root, 'releases', release.id, 'x'))).toBe(true);
});
