import { describe, expect, test } from 'vitest';
import { displayWidth, padEnd, truncate } from '../../../src/ui/terminal/width.js';

describe('displayWidth', () => {
  test.each([
    ['abc', 3],
    ['', 0],
    ['Jörg', 4],
    ['Jo\u0308rg', 4],
    ['日本', 4],
    ['한글', 4],
    ['ｗ', 2],
    ['🚀', 2],
    ['👩‍💻', 2],
    ['✔ ⠋ │ █ →', 9],
    ['\x1b[31mred\x1b[39m', 3],
    ['a\u200bb', 2],
  ])('of %j is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('truncate', () => {
  test('leaves a line that fits as it is', () => {
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('\x1b[31mabc\x1b[39m', 3)).toBe('\x1b[31mabc\x1b[39m');
  });

  test('puts an ellipsis into the last column', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
  });

  test('never splits a wide character', () => {
    expect(truncate('日本語', 4)).toBe('日…');
    expect(displayWidth(truncate('日本語', 4))).toBeLessThanOrEqual(4);
  });

  test('closes colours that it has cut', () => {
    expect(truncate('\x1b[31mabcdef\x1b[39m', 4)).toBe('\x1b[31mabc…\x1b[0m');
  });

  test('gives an empty line for a screen without columns', () => {
    expect(truncate('abc', 0)).toBe('');
  });
});

test('padEnd counts columns, not characters', () => {
  expect(padEnd('日本', 6)).toBe('日本  ');
});
