// The built program, with what V8 has compiled of it before, so that a command need not wait for that
// again (docs/decisions/020).
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

// For runs of seconds: a small heap, and only loops that are really hot are optimised, as the one that
// opens an encrypted key (docs/decisions/020).
// Only where they are known: V8 complains of other flags, and means other things by some in time.
const HEAP = ['--semi-space-growth-factor=1', '--heap-growing-percent=30'];
const FLAGS = { 20: [...HEAP, '--no-sparkplug', '--interrupt-budget=3000000'], 22: HEAP, 24: HEAP };

// V8 keeps the name with what it has compiled, so this one is right wherever fleet is installed.
const NAME = 'fleet/dist/main.cjs';
const BEFORE = Buffer.from('(function (exports, require, module, __filename, __dirname) {\n');
const AFTER = Buffer.from('\n})');

/** Runs `main.cjs` of a folder; gives back what it exports, and the script that V8 made of it. */
export function loadProgram(folder) {
  // Before the script, since V8 refuses what was compiled under other flags.
  for (const flag of FLAGS[process.versions.node.split('.')[0]] ?? []) setFlagsFromString(flag);
  const filename = join(folder, 'main.cjs');
  const require = createRequire(filename);
  // Node follows the source maps of what it loads itself, and of nothing else.
  if (process.sourceMapsEnabled) return { exports: require(filename) };
  const code = readFileSync(filename);
  const script = new Script(Buffer.concat([BEFORE, code, AFTER]).latin1Slice(), {
    filename: NAME,
    lineOffset: -1,
    cachedData: readCompiled(folder, code),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, filename, dirname(filename));
  return { exports: module.exports, script };
}

/** Keeps what V8 has compiled of a program by now; for the build, which is the one that may write. */
export function writeCompiled(folder, script) {
  const compiled = script.createCachedData();
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(checksum(readFileSync(join(folder, 'main.cjs')), compiled));
  writeFileSync(join(folder, 'main.cache'), Buffer.concat([sum, compiled]));
}

/** Undefined where there is none that fits; then V8 compiles as it goes. */
function readCompiled(folder, code) {
  let file;
  try {
    file = readFileSync(join(folder, 'main.cache'));
  } catch {
    return undefined;
  }
  const compiled = file.subarray(4);
  // V8 looks at its version, its flags and the lengths, but crashes on bytes that have changed.
  return file.length > 4 && file.readUInt32BE() === checksum(code, compiled) ? compiled : undefined;
}

/** Also of who made it: V8 tells its versions apart, but not the ways in which one was built. */
function checksum(code, compiled) {
  const maker = `${process.version} ${process.platform} ${process.arch}`;
  return crc32(compiled, crc32(code, crc32(maker)));
}
