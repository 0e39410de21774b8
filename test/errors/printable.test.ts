import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableLine } from '../../src/errors/printable.js';

describe('printable', () => {
  test.each([
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['a title set by OSC, ended by BEL', 'a\x1b]0;evil\x07b', 'ab'],
    ['a link set by OSC 8, ended by ST', '\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['an OSC that never ends, with its line', 'a\x1b]52;c;AAAA\nnext', 'a\nnext'],
    ['a DCS', 'a\x1bPq#0\x1b\\b', 'ab'],
    ['C1 forms', 'a\x9b31mb\x9d0;t\x9cc', 'abc'],
    ['a screen clear and a cursor move', '\x1b[2J\x1b[1;1Hok', 'ok'],
    ['a reset', '\x1bcok', 'ok'],
    ['a charset choice', '\x1b(Bok', 'ok'],
    ['an escape cut off at the end', 'ok\x1b[31', 'ok'],
    ['a carriage return', 'a\r\nb', 'a\nb'],
    ['bell, backspace, delete', 'a\x07\x08\x7fb', 'ab'],
    ['bidi overrides', 'a\u202eb\u2066c\u2069', 'abc'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ])('removes %s', (_what, input, output) => {
    expect(printable(input)).toBe(output);
  });

  test('keeps umlauts, emoji, tabs and newlines', () => {
    expect(printable('Größe\t🚀\n')).toBe('Größe\t🚀\n');
  });

  test('replaces bytes that are no UTF-8', () => {
    expect(printable(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });

  test('lets no control character through, whatever comes, and says the same twice', () => {
    const noisy = fc.string({
      unit: fc.constantFrom(
        '\x1b',
        '[',
        ']',
        '\x9b',
        'm',
        '0',
        ';',
        'P',
        '\\',
        '\x07',
        '\n',
        'x',
        '\u202e',
        '\ud83d',
      ),
    });
    fc.assert(
      fc.property(noisy, (text) => {
        const safe = printable(text);
        expect(safe).not.toMatch(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        expect(printable(safe)).toBe(safe);
      }),
    );
  });

  test('makes one line of many', () => {
    expect(printableLine(' a\n\tb\x1b[0m ')).toBe('a b');
  });
});
