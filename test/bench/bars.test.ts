import { describe, expect, test } from 'vitest';
import { barsOf } from '../../bench/report/bars.js';
import { NO_RESULTS, type Results } from '../../bench/report/results.js';
import { DEPLOY, ROLLBACK, resultsOf } from './support/results.js';

describe('a bar', () => {
  test('is neither met nor found where nothing was measured', () => {
    const bars = barsOf(NO_RESULTS);
    expect(new Set(bars.map(({ found, met }) => `${found} ${met}`))).toEqual(
      new Set(['null false']),
    );
  });

  test('on time is the ratio of medians to the bare loop', () => {
    const results = resultsOf(
      ...[9, 3, 4].map((wall) => ({ ...ROLLBACK, tool: 'fleet' as const, wall })),
      ...[5, 5, 50].map((wall) => ({ ...ROLLBACK, tool: 'ssh loop' as const, wall })),
    );
    expect(bar(results, 'Rollback of 100: time')).toMatchObject({ found: '0.80 ×', met: true });
  });

  test('on being ahead names the cell that is the worst', () => {
    const results = resultsOf(
      { ...ROLLBACK, tool: 'fleet', wall: 2 },
      { ...ROLLBACK, tool: 'sshkit', wall: 4 },
      { ...DEPLOY, tool: 'fleet', wall: 2 },
      { ...DEPLOY, tool: 'sshkit', wall: 1 },
      { ...DEPLOY, hosts: 10, tool: 'sshkit', wall: 0.1 },
    );
    const found = { found: '0.50 × (Deploy to 50)', met: false };
    expect(bar(results, 'Time of sshkit')).toMatchObject(found);
  });

  test('on CPU is a host’s share', () => {
    const results = resultsOf({ ...DEPLOY, tool: 'fleet', cpu: 0.95 });
    const found = { found: '19.00 ms', met: false };
    expect(bar(results, 'Deploy to 50: controller CPU')).toMatchObject(found);
  });

  test('on memory goes by the larger count, and grows with the hosts', () => {
    const big = { tool: 'fleet', memory: 20e6, largest: 85e6 } as const;
    expect(bar(resultsOf({ ...ROLLBACK, ...big }), 'Peak memory').met).toBe(true);
    expect(bar(resultsOf({ ...DEPLOY, ...big }), 'Peak memory')).toMatchObject({
      limit: '83.0 MB',
      found: '85.0 MB (Deploy to 50)',
      met: false,
    });
  });

  test('on growth leaves out what one host takes already', () => {
    const point = {
      job: 'rollback',
      waves: 'at-once',
      forks: 100,
      wallMs: 1,
      peakBytes: 1,
    } as const;
    const growth = [
      { ...point, hosts: 1, cpuMs: 300 },
      { ...point, hosts: 100, cpuMs: 300 + 99 * 2 },
      { ...point, hosts: 1000, cpuMs: 300 + 999 * 2.2 },
    ];
    const found = { found: '1.10 ×', met: true };
    expect(bar({ ...NO_RESULTS, growth }, 'CPU a host at 1,000')).toMatchObject(found);
  });

  test('is not met by a tool that failed once', () => {
    const results = {
      ...resultsOf({ ...DEPLOY, tool: 'fleet' }, { ...DEPLOY, tool: 'ssh loop' }),
      failures: [{ ...DEPLOY, tool: 'fleet' as const, message: 'h07: current is releases/base' }],
    };
    expect(bar(results, 'Deploy to 50: time')).toMatchObject({ found: null, met: false });
  });
});

function bar(results: Results, start: string) {
  const found = barsOf(results).find(({ text }) => text.startsWith(start));
  if (found === undefined) throw new Error(`no bar begins with ${start}`);
  return found;
}
