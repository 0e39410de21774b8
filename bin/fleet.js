#!/usr/bin/env node
import './signals.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadProgram } from './load.js';

const dist = join(import.meta.dirname, '../dist');
if (!existsSync(dist)) {
  process.stderr.write('fleet: not built yet; run `npm run build` in the checkout\n');
  process.exit(1);
}
const { run } = loadProgram(dist).exports;
process.exitCode = await run(process.argv.slice(2));
