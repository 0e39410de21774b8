import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

/** Where randomness may come from, beside keys and the ciphers of SSH, which are ssh2's. */
const SOURCES = new Map([
  ['cli/context/context.ts', 'what a command takes from the outside'],
  ['files/file-lock.ts', 'no one may guess by which name a lock is held'],
  [
    'lab/systemd/service.ts',
    'the practice host plays systemd, which draws an id for each start of a unit',
  ],
  ['lab/ssh/port-search.ts', 'practice fleets that start at once look for free ports apart'],
]);

test('randomness comes in through the context, and from nowhere else', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /Math\.random|random(UUID|Bytes|Int)\b/.test(readFileSync(join(SRC, file), 'utf8')),
    );
  expect(found.sort()).toEqual([...SOURCES.keys()].sort());
});
