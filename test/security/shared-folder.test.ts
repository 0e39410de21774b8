import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ownersOf, refuseForeignFolder } from '../../src/config/paths/owners.js';
import { ensureOwnFolder, ensurePersonalFolder, readOwn } from '../../src/files/own-files.js';
import { replaceFile } from '../../src/files/replace-file.js';

const isRoot = process.getuid?.() === 0;
const GROUP = 61_000;
const STRANGER = 61_003;

function folderOf(mode: number, uid = 0): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-shared-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chownSync(folder, uid, GROUP);
  chmodSync(folder, mode);
  return folder;
}

const looked = (folder: string, mayShare: boolean): Promise<void> =>
  refuseForeignFolder(folder, ownersOf({}), mayShare);

describe.runIf(isRoot)('a folder that a group may write', () => {
  test('is trusted where it was made for that and is named as such', async () => {
    await looked(folderOf(0o2770), true);
  });

  test.each([
    ['is not named as one that is shared', 0o2770, 0, false],
    ['may be written by everyone', 0o2777, 0, true],
    ['gives its files to other groups', 0o770, 0, true],
    ['keeps locks from being taken over', 0o3770, 0, true],
    ['belongs to who is not of the group', 0o2770, STRANGER, true],
  ])('is refused where it %s', async (_, mode, uid, mayShare) => {
    await expect(looked(folderOf(mode, uid), mayShare)).rejects.toMatchObject({
      code: 'untrusted_file',
    });
  });
});

describe.runIf(isRoot)('in a folder of a group', () => {
  const fileOf = (folder: string, gid: number, mode: number): string => {
    const file = join(folder, 'owner.json');
    writeFileSync(file, 'x');
    chownSync(file, STRANGER, gid);
    chmodSync(file, mode);
    return file;
  };

  test('what is made is for that group, whatever the umask is', () => {
    const folder = folderOf(0o2770);
    ensureOwnFolder(join(folder, 'runs/r1'));
    replaceFile(join(folder, 'runs/r1/plan.json'), '{}');
    const modes = ['runs', 'runs/r1', 'runs/r1/plan.json'].map((name) => {
      const { mode, gid } = statSync(join(folder, name));
      return [mode & 0o7777, gid];
    });
    expect(modes).toEqual([
      [0o2770, GROUP],
      [0o2770, GROUP],
      [0o660, GROUP],
    ]);
  });

  test('a file of another who is of the group is read', () => {
    expect(readOwn(fileOf(folderOf(0o2770), GROUP, 0o660))).toBe('x');
  });

  test.each([
    ['is of another group', 0o2770, STRANGER, 0o660],
    ['everyone may write', 0o2770, GROUP, 0o666],
    ['lies where no group shares', 0o770, GROUP, 0o660],
  ])('a file of another that %s is not', (_, folderMode, gid, mode) => {
    const file = fileOf(folderOf(folderMode), gid, mode);
    expect(() => readOwn(file)).toThrow(/belongs to another user/);
  });

  test('a folder for one person alone is not another’s', () => {
    const inner = join(folderOf(0o2770), 'lab');
    ensureOwnFolder(inner);
    chownSync(inner, STRANGER, GROUP);
    chmodSync(inner, 0o2770);
    ensureOwnFolder(inner);
    expect(() => ensurePersonalFolder(inner)).toThrow(/belongs to another user/);
  });
});
