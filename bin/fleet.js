#!/usr/bin/env node
// CommonJS (bin/package.json): Node starts it some 10 ms sooner than an ES module.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { keepInspectorShut } = require('./signals.js');
const { loadProgram } = require('./load.js');

const LINGER_MS = 200;

main();

async function main() {
  await keepInspectorShut();
  const dist = join(__dirname, '../dist');
  if (!existsSync(dist)) {
    process.stderr.write('fleet: not built yet; run `npm run build` in the checkout\n');
    process.exit(1);
  }
  const { run } = loadProgram(dist).exports;
  process.exitCode = await run(process.argv.slice(2));
  // All is done and written. What is open still, e.g. a connection to a server that hangs, is not waited for.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
