import type { Figures } from './one.js';

const TITLES = ['job', 'waves', 'forks', 'hosts', 'CPU s', 'ms a host', 'growth', 'MB', 'wall s'];
const WIDTHS = [-8, -7, 5, 5, 7, 9, 6, 4, 6];

export const TITLE_LINE = lineOf(TITLES);

/**
 * The last of the figures as a line of a table. A host's share is what it adds to the same command on
 * one host, so that starting fleet, which costs the same for any fleet, does not hide what grows.
 * `growth` is that share beside the one of the figures before.
 */
export function growthLine(figures: readonly Figures[]): string {
  const [before, each] = [figures.at(-2), figures.at(-1)];
  if (each === undefined) return '';
  const share = shareOf(each, figures);
  const smaller = before !== undefined && before.hosts < each.hosts ? shareOf(before, figures) : 0;
  return lineOf([
    each.job,
    each.waves,
    String(each.forks),
    String(each.hosts),
    (each.cpuMs / 1000).toFixed(2),
    share === 0 ? '' : share.toFixed(2),
    smaller === 0 ? '' : (share / smaller).toFixed(2),
    (each.peakBytes / 1e6).toFixed(0),
    (each.wallMs / 1000).toFixed(2),
  ]);
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell, column) => padded(cell, WIDTHS[column] ?? 0)).join('  ');
}

/** CPU milliseconds that each host after the first adds; 0 for one host. */
function shareOf(
  { job, waves, forks, hosts, cpuMs }: Figures,
  figures: readonly Figures[],
): number {
  const one = figures.find(
    (each) => each.hosts === 1 && each.job === job && each.waves === waves && each.forks === forks,
  );
  return hosts === 1 ? 0 : (cpuMs - (one?.cpuMs ?? 0)) / (hosts - 1);
}

function padded(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}
