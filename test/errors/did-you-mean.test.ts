import { describe, expect, test } from 'vitest';
import { closest, suggest } from '../../src/errors/did-you-mean.js';

const KEYS = ['policy', 'probes', 'root', 'release', 'shared'];

describe('did you mean', () => {
  test.each([
    ['polcy', 'policy'],
    ['polciy', 'policy'],
    ['POLICY', 'policy'],
    ['rot', 'root'],
    ['probe', 'probes'],
    ['releases', 'release'],
  ])('%s: %s', (word, meant) => {
    expect(closest(word, KEYS)).toBe(meant);
  });

  test.each(['', 'x', 'backup', 'xyzzy'])('not where nothing is near: %j', (word) => {
    expect(closest(word, KEYS)).toBeNull();
  });

  test('and else what there is', () => {
    expect(suggest('xyzzy', KEYS)).toBe('known: policy, probes, root, release, shared');
    expect(suggest('xyzzy', [])).toBeUndefined();
  });
});
