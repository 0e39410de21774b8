import { markdownTable } from '../report/markdown.js';
import { median } from '../report/median.js';

/** What one deploy took: seconds, seconds of CPU here and on all hosts together, bytes of memory here. */
export interface Taken {
  readonly wall: number;
  readonly cpu: number;
  readonly hostsCpu: number;
  readonly memory: number;
}

/** A table with the medians of each way to deploy, and what the first takes as a part of each, in time and in CPU. */
export function deltaTable(taken: ReadonlyMap<string, readonly Taken[]>): string {
  const rows = [...taken].map(([name, all]) => ({ name, ...medians(all) }));
  const [first] = rows;
  const ratio = (mine: number | undefined, theirs: number): string =>
    ((mine ?? Number.NaN) / theirs).toFixed(2);
  return markdownTable([
    ['', 'seconds', 'delta', 's of CPU here', 's of CPU, hosts', 'delta', 'MiB here'],
    ...rows.map(({ name, wall, cpu, hostsCpu, memory }) => [
      name,
      wall.toFixed(2),
      `${ratio(first?.wall, wall)} ×`,
      cpu.toFixed(2),
      hostsCpu.toFixed(2),
      `${ratio(first && first.cpu + first.hostsCpu, cpu + hostsCpu)} ×`,
      (memory / 2 ** 20).toFixed(0),
    ]),
  ]);
}

function medians(all: readonly Taken[]): Taken {
  const of = (what: keyof Taken): number => median(all.map((each) => each[what]));
  return { wall: of('wall'), cpu: of('cpu'), hostsCpu: of('hostsCpu'), memory: of('memory') };
}
