import { expect, test } from 'vitest';
import { escapeInJson } from '../../src/errors/unicode-escape.js';

test('an escaped text is the same value, without the unwanted characters', () => {
  const value = { name: 'Zoë \u{1f680}\u009b', plain: 'a' };
  const text = escapeInJson(JSON.stringify(value), /[^\x20-\x7e]/g);
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toEqual(value);
});
