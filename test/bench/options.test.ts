import { describe, expect, test } from 'vitest';
import { parseRequest } from '../../bench/options.js';

describe('the benchmark’s command line', () => {
  test('without options is a quick look at fleet and the loops', () => {
    expect(parseRequest([])).toEqual({
      kind: 'compare',
      data: undefined,
      comparison: {
        hosts: [50],
        rtts: [0],
        tools: ['fleet', 'ssh loop', 'ssh loop, cheap kex'],
        jobs: ['deploy', 'rollback'],
        rounds: 3,
        slowRounds: 1,
        slowHosts: Number.POSITIVE_INFINITY,
      },
    });
  });

  test('has few hosts at three distances, where nothing contends', () => {
    expect(parseRequest(['--few', '--jobs', 'rollback'])).toMatchObject({
      comparison: {
        hosts: [1, 2],
        rtts: [0, 50, 200],
        tools: ['fleet', 'ssh loop'],
        jobs: ['rollback'],
        rounds: 10,
      },
    });
  });

  test('tells apart names of which one has a comma in it', () => {
    const request = parseRequest(['--tools', 'clush,ssh loop, cheap kex,fleet']);
    expect(request).toMatchObject({
      comparison: { tools: ['fleet', 'ssh loop, cheap kex', 'clush'] },
    });
  });

  test('can be told a part of what is published', () => {
    const request = parseRequest(['--full', '--hosts', '200', '--rtt', '50', '--slow-rounds', '0']);
    expect(request).toMatchObject({
      data: 'docs/performance.json',
      comparison: { hosts: [200], rtts: [50], slowRounds: 0, rounds: 3 },
    });
  });

  test('refuses what is no number, no tool and no option', () => {
    expect(() => parseRequest(['--hosts', '10,many'])).toThrow('many is not a number');
    expect(() => parseRequest(['--tools', 'capistrano'])).toThrow('no capistrano');
    expect(() => parseRequest(['--fast'])).toThrow('--fast');
  });
});
