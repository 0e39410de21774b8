import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHECKOUT = join(import.meta.dirname, '../..');

/** Node 22 and newer keep what they compiled themselves; test/cli/load.test.ts has that. */
const KEEPS_ITSELF = 'enableCompileCache' in module;

describe('starting the built command', () => {
  let installed = '';
  beforeEach(() => {
    installed = mkdtempSync(join(tmpdir(), 'fleet-installed-'));
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(CHECKOUT, part), join(installed, part), { recursive: true });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(installed, 'node_modules'));
  });
  afterEach(() => rmSync(installed, { recursive: true, force: true }));

  it('works wherever it is installed', () => {
    expect(fleet('--help')).toContain('rollback');
  });

  it.skipIf(KEEPS_ITSELF)('uses the compiled code of the build, wherever it is installed', () => {
    expect(takesOver()).toBe(true);
    expect(fleet('--help')).toContain('rollback');
  });

  it.skipIf(KEEPS_ITSELF)('works with compiled code that is damaged', () => {
    const file = join(installed, 'dist/main.cache');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, bytes.length / 2));
    expect(takesOver()).toBe(false);
    expect(fleet('--help')).toContain('rollback');
  });

  it.skipIf(KEEPS_ITSELF)('works with no compiled code', () => {
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
