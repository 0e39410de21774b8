import { expect, test } from 'vitest';
import { makeReleaseId, parseReleaseId } from '../../../src/model/releases/release-id.js';

const now = new Date('2026-11-23T16:30:00.987Z');
const digest = `sha256:${'ab12'.repeat(16)}`;

test('an id is the UTC time and seven digits of the commit', () => {
  expect(makeReleaseId(now, { commit: '1a2b3c4d5e', digest })).toBe('20261123T163000Z-1a2b3c4');
});

test('without a commit the digits are those of the digest', () => {
  expect(makeReleaseId(now, { commit: null, digest })).toBe('20261123T163000Z-ab12ab1');
});

test('an id that fleet makes is one that it takes', () => {
  const id = makeReleaseId(now, { commit: null, digest });
  expect(parseReleaseId(id)).toBe(id);
});

test.each(['', '../x', 'a b', `a'b`, 'a"b', 'a/b', '-x', '.x', 'a..b', 'a\n', 'ü'])(
  '%j is none',
  (text) => {
    expect(() => parseReleaseId(text)).toThrow(
      expect.objectContaining({ code: 'release_id_invalid' }),
    );
  },
);
