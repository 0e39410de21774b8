import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A release of 2,000 files and 50 MB, of which one in twenty changes. */
export const LARGE = { files: 2_000, fileBytes: 25 * 1024, changed: 100 } as const;

const pathOf = (file: number): string => `lib/part${file % 50}/module${file}.txt`;

/** Writes the first release: its content is half as large packed, as code is. */
export function writeLarge(folder: string): void {
  for (let file = 0; file < LARGE.files; file += 1)
    write(folder, pathOf(file), textOf(`base ${file}`));
  write(folder, 'bin/start', '#!/bin/sh\nexec sleep 86400\n');
  chmodSync(join(folder, 'bin/start'), 0o755);
}

/** Writes the next one: files that are the same have the same times, which rsync looks at. */
export function writeNext(base: string, folder: string, version: string): void {
  cpSync(base, folder, { recursive: true, preserveTimestamps: true });
  const every = LARGE.files / LARGE.changed;
  for (let file = 0; file < LARGE.files; file += every) {
    write(folder, pathOf(file), textOf(`${version} ${file}`));
  }
}

function write(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Hex digits of a hash chain: reproducible, and worth half its size to gzip. */
function textOf(seed: string): string {
  const blocks: string[] = [];
  for (let block = seed; blocks.length * 128 < LARGE.fileBytes; ) {
    block = createHash('sha512').update(block).digest('hex');
    blocks.push(block);
  }
  return blocks.join('').slice(0, LARGE.fileBytes);
}
