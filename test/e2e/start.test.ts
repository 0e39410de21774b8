import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHECKOUT = join(import.meta.dirname, '../..');

describe('starting the built command', () => {
  let installed = '';
  beforeEach(() => {
    installed = mkdtempSync(join(tmpdir(), 'fleet-installed-'));
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(CHECKOUT, part), join(installed, part), { recursive: true });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(installed, 'node_modules'));
  });
  afterEach(() => rmSync(installed, { recursive: true, force: true }));

  it('uses the compiled code of the build, wherever it is installed', () => {
    expect(takesOver()).toBe(true);
    expect(fleet('--help')).toContain('rollback');
  });

  it('works with compiled code that is damaged', () => {
    const file = join(installed, 'dist/main.cache');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, bytes.length / 2));
    expect(takesOver()).toBe(false);
    expect(fleet('--help')).toContain('rollback');
  });

  it('works with no compiled code', () => {
    rmSync(join(installed, 'dist/main.cache'));
    expect(takesOver()).toBe(false);
    expect(fleet('--help')).toContain('rollback');
  });

  function fleet(...args: readonly string[]): string {
    return node(join(installed, 'bin/fleet.js'), ...args);
  }

  function takesOver(): unknown {
    const text = `
      import { loadProgram } from ${JSON.stringify(join(installed, 'bin/load.js'))};
      const { script } = loadProgram(${JSON.stringify(join(installed, 'dist'))});
      process.stdout.write(String(script.cachedDataRejected === false));`;
    return JSON.parse(node('--input-type=module', '--eval', text));
  }

  /** Fails on anything but the exit code 0. */
  function node(...argv: readonly string[]): string {
    return execFileSync(process.execPath, argv, { encoding: 'utf8' });
  }
});
