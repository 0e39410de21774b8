import { markdownTable } from './markdown.js';
import type { GrowthPoint, Results } from './results.js';

/** One size beside the one before it, over the same job, waves and forks. */
export interface GrowthStep {
  readonly point: GrowthPoint;
  /** Milliseconds of CPU that each host after the first adds. */
  readonly cpuPerHost: number;
  /** That beside the smaller size's; null for the smallest. */
  readonly growth: number | null;
}

/**
 * A host's share is what it adds to the same command on one host, so that the start of the program,
 * which is the same for any fleet, does not hide what grows.
 */
export function growthSteps({ growth }: Results): readonly GrowthStep[] {
  const many = growth.filter(({ hosts }) => hosts > 1);
  return many.map((point) => {
    const alike = many.filter((other) => isAlike(other, point) && other.hosts < point.hosts);
    const smaller = alike.toSorted((a, b) => b.hosts - a.hosts)[0];
    const cpuPerHost = share(growth, point);
    const ratio = smaller === undefined ? null : cpuPerHost / share(growth, smaller);
    return { point, cpuPerHost, growth: ratio };
  });
}

export function growthTable(results: Results): string {
  const steps = growthSteps(results);
  if (steps.length === 0) return 'Not measured.';
  return markdownTable([
    ['job', 'waves', 'forks', 'hosts', 'CPU ms a host', '× the size before', 'peak MB', 'seconds'],
    ...steps.map(({ point, cpuPerHost, growth }) => [
      point.job,
      point.waves,
      `${point.forks}`,
      point.hosts.toLocaleString('en'),
      cpuPerHost.toFixed(2),
      growth === null ? '' : growth.toFixed(2),
      (point.peakBytes / 1e6).toFixed(0),
      (point.wallMs / 1000).toFixed(1),
    ]),
  ]);
}

function share(points: readonly GrowthPoint[], point: GrowthPoint): number {
  const one = points.find((other) => isAlike(other, point) && other.hosts === 1);
  return (point.cpuMs - (one?.cpuMs ?? 0)) / (point.hosts - 1);
}

function isAlike(one: GrowthPoint, other: GrowthPoint): boolean {
  return one.job === other.job && one.waves === other.waves && one.forks === other.forks;
}
