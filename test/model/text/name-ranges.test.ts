import { describe, expect, test } from 'vitest';
import { namesText } from '../../../src/model/text/name-ranges.js';

describe('namesText', () => {
  test.each([
    ['keeps the width of zero-padded numbers', ['web08', 'web09', 'web10'], ['web[08:10]']],
    ['grows the width of plain numbers', ['web9', 'web10', 'web11'], ['web[9:11]']],
    ['keeps the domain', ['w1.eu', 'w2.eu', 'w3.eu'], ['w[1:3].eu']],
    ['lists two names', ['web1', 'web2'], ['web1', 'web2']],
    ['splits at gaps', ['a1', 'a2', 'a3', 'a5'], ['a[1:3]', 'a5']],
    ['orders the numbers of a family', ['a3', 'a1', 'a2'], ['a[1:3]']],
    ['does not mix widths', ['a01', 'a2', 'a3'], ['a01', 'a2', 'a3']],
    ['keeps families apart', ['a1', 'b1', 'a2', 'b2', 'a3', 'b3'], ['a[1:3]', 'b[1:3]']],
    ['folds the last number of the first label', ['r1-n1', 'r1-n2', 'r1-n3'], ['r1-n[1:3]']],
    [
      'leaves addresses alone',
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
    ],
    ['leaves names without a number alone', ['db', 'cache'], ['db', 'cache']],
  ])('%s', (_, names, folded) => {
    expect(namesText(names)).toBe(folded.join(', '));
  });
});

test('namesText counts the hosts that it has no room for', () => {
  expect(namesText(['a1', 'a2', 'a3', 'db', 'cache', 'queue'], 12)).toBe('a[1:3], db and 2 more');
});
