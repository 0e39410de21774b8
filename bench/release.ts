import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files of a release, and the bytes in each: 1.6 MB in all. */
export const RELEASE_FILES = 200;
const FILE_BYTES = 8 * 1024;

/** Writes a release of 200 files and 1.6 MB whose content is half as large packed, as code is. */
export function writeRelease(folder: string, version: string): void {
  const files = Array.from({ length: RELEASE_FILES - 1 }, (_, i): readonly [string, string] => [
    `lib/part${i % 10}/module${i}.txt`,
    textOf(`${version} ${i}`),
  ]);
  const start = `#!/bin/sh\n# ${version}\nexec sleep 86400\n`;
  for (const [path, text] of [...files, ['bin/start', start] as const]) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  chmodSync(join(folder, 'bin/start'), 0o755);
}

/** Hex digits of a hash chain: reproducible, and worth half its size to gzip. */
function textOf(seed: string): string {
  let text = '';
  for (let block = seed; text.length < FILE_BYTES; ) {
    block = createHash('sha512').update(block).digest('hex');
    text += block;
  }
  return text.slice(0, FILE_BYTES);
}
