import type { Figures } from './figures.js';

/** The figures for a person: one row each. */
export function figuresTable(figures: Figures): string {
  const rows: (readonly [string, string])[] = [
    ['runs', `${figures.runs} on ${figures.hosts} hosts, seed ${figures.seed}`],
    ['time', `${figures.seconds} s, ${average(figures)} s a run`],
    ...Object.entries(figures.exits).map(([role, codes]): readonly [string, string] => [
      `exit codes: ${role}`,
      inWords(codes),
    ]),
    ['faults injected', inWords(figures.faults)],
    ['faults that came too late', String(figures.missed)],
    ['bad releases', String(figures.badReleases)],
    ['hosts rolled back by their timer', String(figures.reverts.switch)],
    ['hosts rolled back by a controller', String(figures.reverts.controller)],
    ['hosts rolled back by the boot guard', String(figures.reverts.guard)],
    ['hosts left down', String(figures.leftDown)],
    ['longest on an unconfirmed release', time(figures.longestUnconfirmed)],
    ['… without boot guard, or disk full', time(figures.longestExcused)],
    ['violations', String(figures.violations.length)],
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  const lines = rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
  return `${[...lines, ...figures.violations].join('\n')}\n`;
}

function average({ runs, seconds }: Figures): string {
  return runs === 0 ? '0' : (seconds / runs).toFixed(1);
}

function inWords(counts: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(counts)
    .map(([key, count]) => `${key} × ${count}`)
    .join(', ');
}

function time(seconds: number | null): string {
  return seconds === null ? '-' : `${seconds} s`;
}
