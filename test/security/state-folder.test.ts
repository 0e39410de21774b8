import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 1, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();
const isRoot = process.getuid?.() === 0;
const UID = 61_001;

const base = join(fleet.dir, 'elsewhere');
const state = join(base, 'state');

interface Told {
  readonly exitCode: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** `before` is a line of shell that runs as root, where its mounts are seen by no one else. */
async function told(args: readonly string[], before = ':'): Promise<Told> {
  const account = `setpriv --reuid=${UID} --regid=${UID} --clear-groups`;
  const by = `exec unshare -m sh -c '${before}; exec ${account} "$@"' sh "$@"`;
  const env = { FLEET_STATE_DIR: state, HOME: base };
  const inventory = ['-c', join(fleet.dir, 'fleet.yaml'), '-i', join(fleet.dir, 'lab.yaml')];
  const ended = await fleet.run([...args, ...inventory, '--json'], { cwd: base, env, by });
  return JSON.parse(ended.stdout) as Told;
}

const deploy = ['deploy', '-g', 'prod', '--yes'];

describe.runIf(isRoot)('a state folder that cannot be used is named, with why and a remedy', () => {
  beforeEach(() => {
    chmodSync(fleet.dir, 0o755);
    cpSync(practice.lab.inventoryFile, join(fleet.dir, 'lab.yaml'));
    chmodSync(join(fleet.dir, 'lab.yaml'), 0o644);
    rmSync(base, { recursive: true, force: true });
    mkdirSync(base);
    chownSync(base, UID, UID);
  });

  const kinds: readonly (readonly [string, () => void, string, string])[] = [
    [
      'belongs to root',
      () => mkdirSync(state, { mode: 0o755 }),
      'state belongs to root',
      'chown -R 61001',
    ],
    [
      'has what sudo fleet left to root',
      () => {
        mkdirSync(join(state, 'locks'), { recursive: true, mode: 0o700 });
        mkdirSync(join(state, 'history.db'), { mode: 0o700 });
        chownSync(state, UID, UID);
      },
      'belongs to root (mode 0700)',
      'chown -R 61001',
    ],
    [
      'may not be written by its owner',
      () => {
        mkdirSync(state, { mode: 0o500 });
        chownSync(state, UID, UID);
      },
      'state belongs to uid 61001 (mode 0500)',
      'chmod u+rwX',
    ],
    ['is a file', () => writeFileSync(state, ''), 'state is a file', 'move '],
    [
      'is a link to nothing',
      () => symlinkSync('/nowhere/at/all', state),
      'a link to /nowhere/at/all',
      'rm ',
    ],
    [
      'cannot be made',
      () => chownSync(base, 0, 0),
      'elsewhere belongs to root (mode 0755)',
      'install -d -o 61001 -m 700',
    ],
  ];

  test.each(kinds)('one that %s', async (_, make, why, remedy) => {
    make();
    for (const [args, code] of [
      [deploy, 'file_unusable'],
      [['history'], 'history_unavailable'],
    ] as const) {
      const { exitCode, error } = await told(args);
      expect([exitCode, error.code]).toEqual([2, code]);
      expect(error.message).toContain(`cannot keep runs, locks and history in ${state}: `);
      expect(error.message).toContain(why);
      expect(error.hint).toContain(remedy);
      expect(error.hint).toContain('FLEET_STATE_DIR');
    }
  });

  test.each([
    [
      'is read-only',
      ['size=1m', `mount -o remount,ro ${state}`],
      ['on a file system that is read-only', 'findmnt -T'],
    ],
    [
      'is full',
      ['size=16k', `head -c 16k /dev/zero >${state}/all 2>/dev/null`],
      ['the disk is full', 'df -h '],
    ],
    ['has no inodes left', ['nr_inodes=1', ':'], ['no inodes left', 'df -i ']],
  ] as const)('one whose disk %s', async (_, [size, then], [why, remedy]) => {
    mkdirSync(state);
    const mount = `mount -t tmpfs -o ${size},uid=${UID},mode=700 tmpfs ${state}; ${then}`;
    const { exitCode, error } = await told(deploy, mount);
    expect([exitCode, error.message]).toEqual([2, expect.stringContaining(why)]);
    expect(error.message).toContain(state);
    expect(error.hint).toContain(remedy);
  });
});
