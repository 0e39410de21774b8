import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { claimLabFolder } from '../../src/lab/control/lab-folder.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-lab-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the folder of a practice fleet', () => {
  test('is for its owner alone: its hosts have keys and take commands', () => {
    const folder = join(root, 'new');
    claimLabFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test.skipIf(process.getuid?.() !== 0)('is refused where another user owns it', () => {
    const folder = join(root, 'foreign');
    mkdirSync(folder);
    chownSync(folder, 65_534, 65_534);
    expect(() => claimLabFolder(folder)).toThrow(/belongs to another user/);
  });
});
