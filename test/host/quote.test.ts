import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, quoteAll } from '../../src/host/quote.js';

test('plain words stay as they are; an empty word is still a word', () => {
  expect(quoteAll(['sh', '-c', '/opt/shop', 'a b', "it's", '', '$(id)', '~/x', 'a=b', '-n'])).toBe(
    `sh -c /opt/shop 'a b' 'it'\\''s' '' '$(id)' '~/x' a=b -n`,
  );
});

test('a backslash and a `!` stand outside of quotes, where fish and csh leave them alone', () => {
  expect(quoteAll(['a!b', 'a\\b', "'\\"])).toBe(`'a'\\!'b' 'a'\\\\'b' ''\\'''\\\\''`);
});

test('any words come through a real sh unchanged', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), (texts) => {
      const words = texts.map((text) => text.replaceAll('\0', ''));
      const script = `set -- ${quoteAll(words)}; [ $# -eq 0 ] || printf '%s\\0' "$@"`;
      const printed = execFileSync('sh', ['-c', script]).toString();
      expect(printed.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

test('NUL is refused, for no argument can hold it', () => {
  expect(() => quote('a\0b')).toThrow(RangeError);
});
