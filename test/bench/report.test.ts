import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CPU, plot, WALL } from '../../bench/report/plot.js';
import { NO_RESULTS } from '../../bench/report/results.js';
import { ResultStore } from '../../bench/report/store.js';
import { comparisonTables, roundTripTable } from '../../bench/report/tables.js';
import { writeReport } from '../../bench/report/write-report.js';
import { DEPLOY, resultsOf } from './support/results.js';

const RESULTS = resultsOf(
  { ...DEPLOY, tool: 'fleet', wall: 4, cpu: 0.5, roundTrips: 17, connections: 1 },
  { ...DEPLOY, tool: 'ssh loop', wall: 5, cpu: 2.5 },
  { ...DEPLOY, hosts: 10, tool: 'ssh loop', wall: 1 },
);

describe('a table', () => {
  test('has a line for each tool and a column for each size, and says what is missing', () => {
    const [title, , time] = comparisonTables(RESULTS).split('\n\n');
    expect(title).toBe('### Deploy of 1.6 MB, no delay');
    expect(comparisonTables(RESULTS).split('\n\n')[1]).toBe(
      `| seconds (× ssh loop) |    10 hosts |    50 hosts | rounds |
| -------------------- | ----------: | ----------: | -----: |
| fleet                |           – | 4.00 (0.80) |      1 |
| ssh loop             | 1.00 (1.00) | 5.00 (1.00) |      1 |`,
    );
    expect(time).toContain('| fleet         |        – |     10.0 |      1 |');
  });

  test('says who failed', () => {
    const failures = [{ ...DEPLOY, tool: 'clush' as const, message: 'h01' }];
    expect(comparisonTables({ ...RESULTS, failures })).toMatch(/\| clush +\| +– \| +failed \|/);
  });

  test('has the round trips of those whose connections were counted', () => {
    expect(roundTripTable(RESULTS)).toMatch(/\| fleet \| +17 \| +1 \|/);
    expect(roundTripTable(RESULTS)).not.toContain('loop');
  });
});

describe('a plot', () => {
  test('has a line for each tool, with its name', () => {
    const svg = plot(RESULTS, WALL) ?? '';
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('>fleet</text>');
    expect(svg).not.toContain('NaN');
  });

  test('puts what took longer higher', () => {
    const [loop = [], fleet = []] = [
      ...(plot(RESULTS, CPU) ?? '').matchAll(/points="([^"]*)"/g),
    ].map(([, points = '']) => points.split(' ').map((point) => Number(point.split(',')[1])));
    expect(loop.at(-1)).toBeLessThan(fleet.at(-1) ?? 0);
  });

  test('is left out where nothing was measured', () => {
    expect(plot(NO_RESULTS, WALL)).toBeNull();
  });
});

describe('a report', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fleet-report-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test('keeps what stands around its blocks', () => {
    const page = join(dir, 'speed.md');
    writeFileSync(page, '# Speed\n\n<!-- bench:trips -->\nold\n<!-- bench end -->\n\nThe end.\n');
    writeReport(RESULTS, join(dir, 'speed.json'));
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^# Speed\n\n<!-- bench:trips -->\n\n\| tool/);
    expect(text).toMatch(/<!-- bench end -->\n\nThe end\.\n$/);
    expect(text).not.toContain('old');
  });

  test('replaces what is measured anew, and keeps the rest of its data', () => {
    const file = join(dir, 'speed.json');
    const first = new ResultStore(file);
    for (const sample of RESULTS.samples) first.add(sample);
    const again = new ResultStore(file);
    again.makeRoom([DEPLOY], ['ssh loop']);
    const kept = new ResultStore(file).results.samples;
    expect(kept.map(({ tool, hosts }) => `${tool} ${hosts}`)).toEqual(['fleet 50', 'ssh loop 10']);
  });
});
