import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { tarHeader } from '../../src/artifact/tar-header.js';

const NOON = new Date('2026-11-23T12:00:00Z');
const env = { ...process.env, TZ: 'UTC' };

/** What a tar says of a header whose content never comes; its complaint about that is expected. */
function listing(command: string, args: readonly string[], header: Buffer): string {
  return spawnSync(command, args, { input: header, encoding: 'utf8', env }).stdout.trim();
}

describe('a tar header', () => {
  test.each([
    ['GNU tar', 'tar', ['-tvf', '-']],
    ['busybox tar', 'busybox', ['tar', '-tvf', '-']],
  ])('can tell %s of a file past 8 GiB', (_, command, args) => {
    const content = { file: '', offset: 0, size: 9 * 1024 ** 3 };
    const header = tarHeader({ kind: 'file', path: 'big', mode: 0o644, content }, NOON);
    expect(listing(command, args, header)).toContain(' 9663676416 2026-11-23 12:00');
  });

  test.each([99, 100, 101, 300])('keeps names and targets of %i bytes whole', (length) => {
    const [path, target] = ['p'.repeat(length), 't'.repeat(length)];
    const header = tarHeader({ kind: 'link', path, target }, NOON);
    for (const [command, ...first] of [['tar'], ['busybox', 'tar']]) {
      const shown = listing(command ?? '', [...first, '-tvf', '-'], header);
      expect(shown).toContain(`${path} -> ${target}`);
    }
  });
});
