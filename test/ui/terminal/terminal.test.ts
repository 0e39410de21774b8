import { describe, expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/terminal/style.js';
import { defaultMode, wantsColor, wantsUnicode } from '../../../src/ui/terminal/terminal.js';

const tty = { isTTY: true, write: () => true };
const file = { isTTY: false, write: () => true };

describe('colours', () => {
  test.each([
    ['a terminal', {}, tty, false, true],
    ['a file', {}, file, false, false],
    ['NO_COLOR', { NO_COLOR: '1' }, tty, false, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, tty, false, true],
    ['NO_COLOR over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, tty, false, false],
    ['--no-color', { FORCE_COLOR: '1' }, tty, true, false],
    ['FORCE_COLOR in a file', { FORCE_COLOR: '1' }, file, false, true],
    ['TERM=dumb', { TERM: 'dumb' }, tty, false, false],
  ])('with %s', (_, env, stream, noColor, wanted) => {
    expect(wantsColor(env, stream, noColor)).toBe(wanted);
  });

  test('are never the only difference', () => {
    const style = createStyle({ color: false, unicode: false });
    expect(style.red('x')).toBe('x');
    expect(new Set([style.symbols.ok, style.symbols.failed, style.symbols.skipped]).size).toBe(3);
  });
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8' }, true],
  [{}, false],
])('the locale %j shows Unicode: %s', (env, shown) => {
  expect(wantsUnicode(env)).toBe(shown);
});

test.each([
  [{}, tty, 'tree'],
  [{}, file, 'plain'],
  [{ CI: 'true' }, tty, 'plain'],
  [{ CI: 'false' }, tty, 'tree'],
  [{ TERM: 'dumb' }, tty, 'plain'],
] as const)('with %j progress is shown as fits', (env, stream, mode) => {
  expect(defaultMode(env, stream)).toBe(mode);
});
