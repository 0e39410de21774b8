import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { removeGuard, testNameOf } from '../../scripts/guards/guard.js';
import { GUARDS } from '../../scripts/guards/list.js';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (file: string): string => readFileSync(join(checkout, file), 'utf8');

describe('the list of guards', () => {
  test('finds the text of each guard exactly once in its file', () => {
    const lost = GUARDS.filter((guard) => removeGuard(textOf(guard.file), guard) === null);
    expect(lost.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  });

  test('names each guard once', () => {
    const names = GUARDS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('names test files that are there', () => {
    const files = new Set(
      GUARDS.flatMap((guard) => guard.noticedBy.map((n) => testNameOf(n).file)),
    );
    expect([...files].filter((file) => !existsSync(join(checkout, file)))).toEqual([]);
  });
});
