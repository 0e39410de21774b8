#!/usr/bin/env node
// Copies the practice hosts' programs beside the built lab: tsc leaves .sh files behind.
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../src/lab/shims/', import.meta.url));
const to = fileURLToPath(new URL('../dist/lab/shims/', import.meta.url));

await rm(to, { recursive: true, force: true });
await cp(from, to, { recursive: true });
