import { median } from './median.js';
import {
  type Cell,
  inCell,
  JOBS,
  type Job,
  type Results,
  type Sample,
  TOOL_NAMES,
  type ToolName,
} from './results.js';

/** The medians of a tool in a cell. */
export interface Summary {
  /** Seconds. */
  readonly wall: number;
  /** Milliseconds of the controller's CPU for each host. */
  readonly cpuPerHost: number;
  /** Bytes at the peak, of the whole tree and of its largest process. */
  readonly memory: number;
  readonly largest: number;
  readonly rounds: number;
}

/** One job at one round-trip time: what a table and a panel show, over the sizes. */
export interface Panel {
  readonly job: Job;
  readonly rtt: number;
  readonly sizes: readonly number[];
  readonly tools: readonly ToolName[];
}

/** Null where it was not measured, or did not do its work. */
export function summarize(results: Results, tool: ToolName, cell: Cell): Summary | null {
  const found = results.samples.filter((one) => one.tool === tool && inCell(one, cell));
  if (found.length === 0 || hasFailed(results, tool, cell)) return null;
  const of = (key: 'wall' | 'cpu' | 'memory' | 'largest'): number =>
    median(found.map((one) => one[key]));
  return {
    wall: of('wall'),
    cpuPerHost: (of('cpu') * 1000) / cell.hosts,
    memory: of('memory'),
    largest: of('largest'),
    rounds: found.length,
  };
}

export function hasFailed(results: Results, tool: ToolName, cell: Cell): boolean {
  return results.failures.some((one) => one.tool === tool && inCell(one, cell));
}

export function panelsOf(results: Results): readonly Panel[] {
  const all: readonly (Cell & { readonly tool: ToolName })[] = [
    ...results.samples,
    ...results.failures,
  ];
  const rtts = ascending(all.map(({ rtt }) => rtt));
  return JOBS.flatMap((job) => rtts.map((rtt) => ({ job, rtt }))).flatMap(({ job, rtt }) => {
    const own = all.filter((one) => one.job === job && one.rtt === rtt);
    const sizes = ascending(own.map(({ hosts }) => hosts));
    const tools = TOOL_NAMES.filter((tool) => own.some((one) => one.tool === tool));
    return own.length === 0 ? [] : [{ job, rtt, sizes, tools }];
  });
}

/** What a proxy counted for one host, over all sizes; null where none did. */
export function roundTripsOf(
  { samples }: Results,
  tool: ToolName,
  job: Job,
): Pick<Sample, 'roundTrips' | 'connections'> | null {
  const found = samples.filter(
    (one) => one.tool === tool && one.job === job && one.roundTrips !== null,
  );
  if (found.length === 0) return null;
  return {
    roundTrips: median(found.map((one) => one.roundTrips ?? 0)),
    connections: median(found.map((one) => one.connections ?? 0)),
  };
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}
