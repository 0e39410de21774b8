#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('fleet: not built yet; run `npm run build` in the checkout\n');
  process.exit(1);
}
// For runs of seconds: a small heap, and less of what only long runs gain by (docs/decisions/035).
// Only where they are known: V8 complains of other flags, and means other things by some in time.
const heap = ['--semi-space-growth-factor=1', '--heap-growing-percent=30'];
const flags = { 20: [...heap, '--interrupt-budget=600000'], 22: heap, 24: heap };
for (const flag of flags[process.versions.node.split('.')[0]] ?? []) setFlagsFromString(flag);
const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
