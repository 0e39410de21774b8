import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MUTATIONS } from '../../scripts/mutations/list.js';
import { mutate, testNameOf } from '../../scripts/mutations/mutation.js';
import { mayContain, testTitles } from './support/test-titles.js';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (file: string): string => readFileSync(join(checkout, file), 'utf8');

describe('the list of mutations', () => {
  test('finds the text of each mutation exactly once in its file', () => {
    const lost = MUTATIONS.filter((mutation) => mutate(textOf(mutation.file), mutation) === null);
    expect(lost.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  });

  test('names each mutation once', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('names test files that are there', () => {
    const files = new Set(
      MUTATIONS.flatMap((mutation) => mutation.noticedBy.map((n) => testNameOf(n).file)),
    );
    expect([...files].filter((file) => !existsSync(join(checkout, file)))).toEqual([]);
  });

  test('names tests that are there', () => {
    const known = new Map<string, TestFile>();
    const isThere = (name: string): boolean => {
      const { file, part } = testNameOf(name);
      const { titles, text } = known.get(file) ?? readTests(file);
      known.set(file, { titles, text });
      // What a table of values adds to a title is at least written in the file.
      return titles.some((title) => mayContain(title, part)) || text.includes(part);
    };
    const named = new Set(MUTATIONS.flatMap((mutation) => mutation.noticedBy));
    expect([...named].filter((name) => !isThere(name))).toEqual([]);
  });
});

interface TestFile {
  readonly titles: readonly string[];
  readonly text: string;
}

/** A file of tests, with the contract whose tests it runs. */
function readTests(file: string): TestFile {
  const own = textOf(file);
  const contracts = [...own.matchAll(/'(?:\.\.\/)+(contract\/[\w-]+)\.js'/g)];
  const shared = contracts.flatMap(([, path]) => {
    const above = textOf(`test/${path}.ts`);
    const below = [...above.matchAll(/'\.\/([\w-]+)\.js'/g)];
    return [above, ...below.map(([, name]) => textOf(`test/contract/${name}.ts`))];
  });
  const texts = [own, ...shared];
  return { titles: texts.flatMap(testTitles), text: texts.join('\n') };
}

describe('the titles of a test file', () => {
  const titles = testTitles(`
    describe.skipIf(x)('a host', () => {
      test('is down', () => {});
      test.each([1])('is %s after $name', () => {});
      for (const how of all) test(\`ends by \${how} at once\`, () => {});
    });
  `);

  test('are the names that vitest gives, but for values that are known later', () => {
    expect(titles.map((title) => title.replaceAll('\0', '*'))).toEqual([
      'a host is down',
      'a host is * after *',
      'a host ends by * at once',
    ]);
  });

  test('contain a part with any value, and no other text', () => {
    const has = (part: string): boolean => titles.some((title) => mayContain(title, part));
    expect(has('host is down')).toBe(true);
    expect(has('by SIGTERM at once')).toBe(true);
    expect(has('host was down')).toBe(false);
    expect(has('starts by SIGTERM')).toBe(false);
  });
});
