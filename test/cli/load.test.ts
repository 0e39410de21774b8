import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOADER = join(import.meta.dirname, '../../bin/load.js');
/** Enough functions that V8 has something to keep. */
const PROGRAM = `${Array.from({ length: 50 }, (_, n) => `exports.f${n} = (x) => [x, '${n}'].join();`).join('\n')}
exports.greet = (name) => 'hello ' + exports.f1(name) + exports.f2(name);
exports.where = () => new Error().stack.split('\\n')[1];
`;

/** Node 22 and newer keep what they compiled themselves. */
const KEEPS_ITSELF = 'enableCompileCache' in module;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-load-'));
  writeFileSync(join(folder, 'main.cjs'), PROGRAM);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(KEEPS_ITSELF)('loading the built program where Node keeps compiled code', () => {
  it('keeps it beside the program', () => {
    expect(tell(`exports.greet('ada')`)).toBe('hello ada,1ada,2');
    expect(readdirSync(join(folder, 'compiled'))).not.toEqual([]);
  });
});

describe.skipIf(KEEPS_ITSELF)('loading the built program', () => {
  it('hands V8 what it compiled for the build', () => {
    compile();
    expect(load()).toEqual({ greeting: 'hello ada,1ada,2', taken: true });
  });

  it('compiles anew where nothing was kept', () => {
    expect(load()).toEqual({ greeting: 'hello ada,1ada,2', taken: false });
  });

  it('compiles anew where what was kept is damaged', () => {
    compile();
    const kept = readFileSync(join(folder, 'main.cache'));
    for (let at = 200; at < kept.length; at += 50) kept.writeUInt8(kept.readUInt8(at) ^ 0xff, at);
    writeFileSync(join(folder, 'main.cache'), kept);
    expect(load()).toEqual({ greeting: 'hello ada,1ada,2', taken: false });
  });

  it('compiles anew where what was kept is cut off', () => {
    compile();
    const kept = readFileSync(join(folder, 'main.cache'));
    for (const length of [0, 3, 4, kept.length - 1]) {
      writeFileSync(join(folder, 'main.cache'), kept.subarray(0, length));
      expect(load()).toEqual({ greeting: 'hello ada,1ada,2', taken: false });
    }
  });

  it('compiles anew where the program is another of the same length', () => {
    compile();
    writeFileSync(join(folder, 'main.cjs'), PROGRAM.replace('hello', 'howdy'));
    expect(load()).toEqual({ greeting: 'howdy ada,1ada,2', taken: false });
  });

  it('compiles anew under flags that were not those of the build', () => {
    compile();
    expect(load(['--max-lazy'])).toEqual({
      greeting: 'hello ada,1ada,2',
      taken: false,
    });
  });

  it('names the line of the built file in a stack trace', () => {
    expect(tell('exports.where()')).toMatch(/\(fleet\/dist\/main\.cjs:52:/);
    expect(tell('exports.where()', ['--enable-source-maps'])).toMatch(/main\.cjs:52:/);
  });

  /** In a process each, because V8 keeps what it has compiled once in a process. */
  function load(flags: readonly string[] = []): unknown {
    return tell(
      `({ greeting: exports.greet('ada'), taken: script.cachedDataRejected === false })`,
      flags,
    );
  }

  function compile(): void {
    tell(`[exports.greet('ada'), writeCompiled(${JSON.stringify(folder)}, script)]`);
  }
});

function tell(expression: string, flags: readonly string[] = []): unknown {
  const text = `
    import { loadProgram, writeCompiled } from ${JSON.stringify(LOADER)};
    const { exports, script } = loadProgram(${JSON.stringify(folder)});
    process.stdout.write(JSON.stringify(${expression}));`;
  const argv = [...flags, '--input-type=module', '--eval', text];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' }));
}
