import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { PrepareOptions } from '../../../src/artifact/prepare.js';

/** A private folder for one test file, removed at its end. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What is to lie at a path: text, a link's target, an executable script, or an empty folder. */
export type Plant = string | { link: string } | { script: string } | { folder: true };

/** Writes a small tree of files under a folder and gives the folder back. */
export function plant(root: string, tree: Readonly<Record<string, Plant>>): string {
  mkdirSync(root, { recursive: true });
  for (const [path, what] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof what === 'string') writeFileSync(file, what);
    else if ('link' in what) symlinkSync(what.link, file);
    else if ('script' in what) writeFileSync(file, what.script, { mode: 0o755 });
    else mkdirSync(file, { recursive: true });
  }
  return root;
}

export function run(cwd: string, command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd, env: GIT_ENV, encoding: 'utf8' }).trim();
}

/** git as on a machine where no one has configured anything. */
export const GIT_ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
};

const NOON = new Date('2026-11-23T12:00:00Z');

export function prepareOptions(root: string, more: Partial<PrepareOptions> = {}): PrepareOptions {
  return { tmpDir: join(root, 'tmp'), now: () => NOON, env: GIT_ENV, links: 'inside', ...more };
}
