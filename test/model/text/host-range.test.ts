import { describe, expect, test } from 'vitest';
import { expandHostRange } from '../../../src/model/text/host-range.js';

function names(pattern: string): readonly string[] {
  const range = expandHostRange(pattern);
  if (range.kind === 'malformed') throw new Error(range.reason);
  return range.names;
}

describe('a host range', () => {
  test('keeps its zeros', () => {
    expect(names('web[01:10].eu')).toHaveLength(10);
    expect(names('web[01:10].eu').at(0)).toBe('web01.eu');
    expect(names('web[08:11]')).toEqual(['web08', 'web09', 'web10', 'web11']);
  });

  test('grows where its first bound has no zeros', () => {
    expect(names('w[9:11]')).toEqual(['w9', 'w10', 'w11']);
    expect(names('w[99:101]')).toEqual(['w99', 'w100', 'w101']);
  });

  test('multiplies out with others, the last running fastest', () => {
    expect(names('r[1:2]w[a:c]')).toEqual(['r1wa', 'r1wb', 'r1wc', 'r2wa', 'r2wb', 'r2wc']);
  });

  test('goes by letters too', () => {
    expect(names('[a:f]')).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(names('x[A:B]')).toEqual(['xA', 'xB']);
  });

  test('of one, or of none, is a name', () => {
    expect(names('web[5:5]')).toEqual(['web5']);
    expect(names('web1')).toEqual(['web1']);
  });

  test.each([
    ['web[10:1]', 'counts down'],
    ['web[f:a]', 'counts down'],
    ['web[1:', 'do not pair up'],
    ['web1]', 'do not pair up'],
    ['web[[1:2]]', 'do not pair up'],
    ['web[]', 'is not a range'],
    ['web[1]', 'is not a range'],
    ['web[1-5]', 'is not a range'],
    ['web[a:5]', 'is not a range'],
    ['web[a:F]', 'is not a range'],
    ['web[1:2:3]', 'is not a range'],
    ['web[010:20]', 'differ in width'],
    ['web[1:10001]', 'more than 10000'],
    ['web[1:101][1:100]', 'more than 10000'],
    ['web[1:999999999]', 'more than 10000'],
  ])('%s is refused: %s', (pattern, reason) => {
    const range = expandHostRange(pattern);
    expect(range.kind === 'malformed' && range.reason).toContain(reason);
  });

  test('may stand for 10,000 hosts', () => {
    expect(names('web[1:100][1:100]')).toHaveLength(10_000);
  });
});
