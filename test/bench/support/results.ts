import {
  type Cell,
  NO_RESULTS,
  type Results,
  type Sample,
  type ToolName,
} from '../../../bench/report/results.js';

/** Results of a few samples; each tells what it is about, the rest is of no interest. */
export function resultsOf(
  ...samples: readonly (Partial<Sample> & Cell & { tool: ToolName })[]
): Results {
  const rest = {
    ...{ round: 1, wall: 1, cpu: 1, memory: 40e6, largest: 60e6, load: 0.5 },
    ...{ roundTrips: null, connections: null, at: '2026-01-31T12:00:00.000Z' },
  };
  return { ...NO_RESULTS, samples: samples.map((sample) => ({ ...rest, ...sample })) };
}

export const DEPLOY: Cell = { job: 'deploy', hosts: 50, rtt: 0 };
export const ROLLBACK: Cell = { job: 'rollback', hosts: 100, rtt: 0 };
