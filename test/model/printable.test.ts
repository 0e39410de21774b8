import { describe, expect, test } from 'vitest';
import { printable, printableLine } from '../../src/model/printable.js';

describe('printable', () => {
  test.each([
    ['colour', '\x1b[31mred\x1b[0m', 'red'],
    ['cursor movement and clearing', 'a\x1b[2J\x1b[1;1Hb', 'ab'],
    ['private modes', '\x1b[?25lx\x1b[?1049h', 'x'],
    ['a window title', '\x1b]0;owned\x07text', 'text'],
    ['a hyperlink ended by ST', '\x1b]8;;http://evil\x1b\\label\x1b]8;;\x1b\\', 'label'],
    ['device control strings', '\x1bPq#0\x1b\\x', 'x'],
    ['8-bit CSI and OSC', '\x9b31mred\x9d0;t\x9cx', 'redx'],
    ['charset and reset escapes', '\x1b(Ba\x1bcb', 'ab'],
    ['bells, backspaces, NUL and DEL', 'a\x07\x08\x00\x7fb', 'ab'],
    ['bidirectional overrides', 'a\u202eb\u2066c\u2069', 'abc'],
    ['an escape at the very end', 'a\x1b', 'a'],
  ])('removes %s', (_, text, clean) => {
    expect(printable(text)).toBe(clean);
  });

  test('a sequence that never ends takes no more than its line', () => {
    expect(printable('a\x1b]0;never ends\nnext line')).toBe('a\nnext line');
  });

  test('keeps tabs, newlines, umlauts, wide characters and emoji joiners', () => {
    const text = 'a\tb\nJörg 日本 👩‍💻';
    expect(printable(text)).toBe(text);
  });

  test('makes newlines of carriage returns, so that no text overwrites another', () => {
    expect(printable('10%\r20%\r\ndone')).toBe('10%\n20%\ndone');
  });

  test('is linear in the length of hostile input', () => {
    const started = performance.now();
    printable('\x1b['.repeat(100_000) + '\x1b]'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test('printableLine folds everything onto one line', () => {
  expect(printableLine(' a\r\n\tb\x1b[K ')).toBe('a b');
});
