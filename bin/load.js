// The built program, with what V8 has compiled of it before, so that a command need not wait for that
// again (docs/decisions/020).
const { readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');

/** Node 22 and newer keep compiled code themselves; Node 20 is handed what the build kept. */
const loadProgram = Module.enableCompileCache === undefined ? loadScript : loadModule;

/** Runs `main.cjs` of a folder; Node reads and writes what it compiled there, if this user may. */
function loadModule(folder) {
  Module.enableCompileCache(join(folder, 'compiled'));
  return { exports: require(join(folder, 'main.cjs')) };
}

// V8 keeps the name with what it has compiled, so this one is right wherever fleet is installed.
const NAME = 'fleet/dist/main.cjs';
const BEFORE = Buffer.from('(function (exports, require, module, __filename, __dirname) {\n');
const AFTER = Buffer.from('\n})');

/** Runs `main.cjs` of a folder; gives back what it exports, and the script that V8 made of it. */
function loadScript(folder) {
  const filename = join(folder, 'main.cjs');
  // Node follows the source maps of what it loads itself, and of nothing else.
  if (process.sourceMapsEnabled) return { exports: require(filename) };
  const { Script } = require('node:vm');
  const code = readFileSync(filename);
  const script = new Script(Buffer.concat([BEFORE, code, AFTER]).latin1Slice(), {
    filename: NAME,
    lineOffset: -1,
    cachedData: readCompiled(folder, code),
  });
  const module = { exports: {} };
  const ownRequire = Module.createRequire(filename);
  script.runInThisContext()(module.exports, ownRequire, module, filename, dirname(filename));
  return { exports: module.exports, script };
}

/** Keeps what V8 has compiled of a program by now; for the build. Node 22 does so as the process ends. */
function writeCompiled(folder, script) {
  if (script === undefined) return;
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
  const { crc32 } = require('node:zlib');
  const maker = `${process.version} ${process.platform} ${process.arch}`;
  return crc32(compiled, crc32(code, crc32(maker)));
}

module.exports = { loadProgram, writeCompiled };
