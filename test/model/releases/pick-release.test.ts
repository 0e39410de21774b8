import { describe, expect, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import { asReleaseId } from '../../../src/model/names.js';
import { pickByReference } from '../../../src/model/releases/choose/pick-release.js';
import type { Release } from '../../../src/model/releases/release.js';

const release = (id: string, commit: string | null, version = id): Release => ({
  id: asReleaseId(id),
  version,
  commit,
  digest: `sha256:${'beef'.repeat(16)}`,
});

const one = release('20261101T100000Z-1a2b3c4', `1a2b3c4${'0'.repeat(33)}`, 'v1');
const two = release('20261102T100000Z-1a2bfff', `1a2bfff${'0'.repeat(33)}`, 'v2');
const three = release('20261103T100000Z-beefbee', null);
const all = [one, two, three];

function refusal(text: string, candidates: readonly Release[] = all): FleetError {
  try {
    pickByReference(candidates, text);
  } catch (error) {
    if (error instanceof FleetError) return error;
  }
  throw new Error(`${text} was not refused`);
}

describe('a reference', () => {
  test.each([
    ['a whole id', one.id, one],
    ['a prefix of an id', '20261102', two],
    ['a whole commit', two.commit ?? '', two],
    ['a prefix of a commit', '1a2bf', two],
    ['a commit in capitals', '1A2B3C', one],
    ['a version', 'v1', one],
    ['a version with blanks around it', ' v1 ', one],
    ['the digest of a release without a commit', 'beefbee', three],
  ])('may be %s', (_, text, expected) => {
    expect(pickByReference(all, text)).toBe(expected);
  });

  test('that begins two releases is refused with both', () => {
    const error = refusal('1a2b');
    expect(error.code).toBe('release_ambiguous');
    expect(error.problems.map(({ message }) => message)).toEqual([
      `${one.id}  v1  1a2b3c400000`,
      `${two.id}  v2  1a2bfff00000`,
    ]);
  });

  test('to a commit that was deployed twice is refused with both', () => {
    const again = { ...one, id: asReleaseId('20261104T100000Z-1a2b3c4') };
    const error = refusal('1a2b3c4', [one, again]);
    expect(error.code).toBe('release_ambiguous');
    expect(error.problems).toHaveLength(2);
  });

  test('to a release that several hosts hold is no ambiguity', () => {
    expect(pickByReference([one, { ...one }], 'v1').id).toBe(one.id);
  });

  test.each(['nope', '', '1a2', '../etc', '$(id)'])(
    'that matches nothing (%j) lists all',
    (text) => {
      const error = refusal(text);
      expect(error.code).toBe('release_unknown');
      expect(error.problems).toHaveLength(3);
    },
  );

  test('that is a whole version goes before a prefix of a commit', () => {
    const named = release('20261105T100000Z-0000000', '0'.repeat(40), '1a2b3');
    expect(pickByReference([...all, named], '1a2b3')).toBe(named);
  });

  test('among no releases at all says so', () => {
    expect(refusal('v1', []).hint).toContain('no release on these hosts');
  });
});
