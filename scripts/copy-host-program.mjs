#!/usr/bin/env node
// Copies the host program's fragments beside the built loader: tsc leaves .sh files behind.
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../src/host/program/', import.meta.url));
const to = fileURLToPath(new URL('../dist/host/program/', import.meta.url));

await rm(to, { recursive: true, force: true });
await mkdir(to, { recursive: true });
for (const name of await readdir(from)) {
  if (name.endsWith('.sh')) await cp(`${from}${name}`, `${to}${name}`);
}
