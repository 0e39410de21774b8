import { growthSteps } from './growth.js';
import { markdownTable } from './markdown.js';
import type { Cell, Results, ToolName } from './results.js';
import { panelsOf, type Summary, summarize } from './summary.js';

/** One thing that was promised, and what was found; `found` is null where nothing was measured. */
export interface Bar {
  readonly text: string;
  readonly limit: string;
  readonly found: string | null;
  readonly met: boolean;
}

const ROLLBACK: Cell = { job: 'rollback', hosts: 100, rtt: 0 };
const DEPLOY: Cell = { job: 'deploy', hosts: 50, rtt: 0 };
const FAR = 50;

/** The bars that were set for this program, judged by what was measured. */
export function barsOf(results: Results): readonly Bar[] {
  const far = { rtt: FAR };
  return [
    besideLoop(results, ROLLBACK, 1),
    besideLoop(results, DEPLOY, 1),
    besideLoop(results, { ...ROLLBACK, ...far }, 0.7),
    besideLoop(results, { ...DEPLOY, ...far }, 0.7),
    ...(['clush', 'sshkit'] as const).map((tool) => ahead(results, tool, 1)),
    ...(['ansible', 'ansible + mitogen'] as const).map((tool) => ahead(results, tool, 10)),
    cpu(results, ROLLBACK, 12),
    cpu(results, DEPLOY, 18),
    memory(results),
    ...[1000, 5000].map((hosts) => growth(results, hosts)),
  ];
}

export function barsTable(results: Results): string {
  return markdownTable([
    ['bar', 'limit', 'found', ''],
    ...barsOf(results).map(({ text, limit, found, met }) => [
      text,
      limit,
      found ?? '–',
      found === null ? 'not measured' : met ? 'met' : '**not met**',
    ]),
  ]);
}

function besideLoop(results: Results, cell: Cell, limit: number): Bar {
  const own = summarize(results, 'fleet', cell);
  const loop = summarize(results, 'ssh loop', cell);
  const ratio = own === null || loop === null ? null : own.wall / loop.wall;
  return bar(`${cellText(cell)}: time beside the ssh loop`, [ratio, limit], '×');
}

/** Over all cells that both were measured in, the one that is the worst for fleet. */
function ahead(results: Results, tool: ToolName, times: number): Bar {
  const pairs = cellsOf(results).flatMap((cell) => {
    const own = summarize(results, 'fleet', cell);
    const peer = summarize(results, tool, cell);
    return own === null || peer === null ? [] : [{ cell, times: peer.wall / own.wall }];
  });
  const worst = pairs.toSorted((a, b) => a.times - b.times)[0];
  return {
    text: `Time of ${tool} beside fleet's, at the least`,
    limit: times === 1 ? 'over 1 ×' : `${times} ×`,
    found: worst === undefined ? null : `${worst.times.toFixed(2)} × (${cellText(worst.cell)})`,
    met: worst !== undefined && (times === 1 ? worst.times > 1 : worst.times >= times),
  };
}

function cpu(results: Results, cell: Cell, limit: number): Bar {
  const own = summarize(results, 'fleet', cell);
  return bar(`${cellText(cell)}: controller CPU a host`, [own?.cpuPerHost ?? null, limit], 'ms');
}

/** By the larger of the two ways to count: the tree's own, or the process with what it shares. */
function memory(results: Results): Bar {
  const peaks = cellsOf(results).flatMap((cell) => {
    const own = summarize(results, 'fleet', cell);
    return own === null ? [] : [{ cell, over: peakOf(own) - allowed(cell), peak: peakOf(own) }];
  });
  const worst = peaks.toSorted((a, b) => b.over - a.over)[0];
  return {
    text: 'Peak memory, where it comes nearest to its limit',
    limit:
      worst === undefined ? '80 MB + 60 KB a host' : `${(allowed(worst.cell) / 1e6).toFixed(1)} MB`,
    found:
      worst === undefined ? null : `${(worst.peak / 1e6).toFixed(1)} MB (${cellText(worst.cell)})`,
    met: worst !== undefined && worst.over <= 0,
  };
}

function growth(results: Results, hosts: number): Bar {
  const found = growthSteps(results).flatMap(({ point, growth: ratio }) =>
    point.hosts === hosts && ratio !== null ? [ratio] : [],
  );
  const worst = found.length === 0 ? null : Math.max(...found);
  return bar(
    `CPU a host at ${hosts.toLocaleString('en')}, beside the size before`,
    [worst, 1.15],
    '×',
  );
}

function bar(text: string, [found, limit]: readonly [number | null, number], unit: string): Bar {
  return {
    text,
    limit: `${limit} ${unit}`,
    found: found === null ? null : `${found.toFixed(2)} ${unit}`,
    met: found !== null && found <= limit,
  };
}

function peakOf({ memory: all, largest }: Summary): number {
  return Math.max(all, largest);
}

function allowed({ hosts }: Cell): number {
  return 80e6 + 60e3 * hosts;
}

function cellsOf(results: Results): readonly Cell[] {
  return panelsOf(results).flatMap(({ job, rtt, sizes }) =>
    sizes.map((hosts) => ({ job, rtt, hosts })),
  );
}

function cellText({ job, hosts, rtt }: Cell): string {
  return `${job === 'deploy' ? 'Deploy to' : 'Rollback of'} ${hosts}${rtt === 0 ? '' : ` at ${rtt} ms`}`;
}
