import { expect, test } from 'vitest';
import { parseSystemdSpan } from '../../../src/model/text/systemd-span.js';

// As systemctl of Debian 11 and 13 shows them.
test.each([
  ['1min 30s', 90_000],
  ['4.500000s', 4_500],
  ['1d 2h 3min 4.005000s', 93_784_005],
  ['1y 1month 4d 7h 30min', 34_560_000_000 + 0],
  ['500ms', 500],
  ['infinity', Number.POSITIVE_INFINITY],
  ['0', null],
  ['soon', null],
  ['', null],
  ['1 min', null],
])('%s is %d ms', (text, ms) => {
  expect(parseSystemdSpan(text)).toBe(ms);
});
