import type { Style } from '../../terminal/style.js';
import type { TableLook } from '../../text/table.js';
import type { StatsWeek } from './rows.js';

/** Half a year: what fits a page. */
const MOST_WEEKS = 26;
/** Of the week and the count before the bar. */
const BEFORE_BAR = 22;
const WIDEST_BAR = 50;

interface Part {
  readonly key: Exclude<keyof StatsWeek, 'week'>;
  readonly title: string;
}

const PARTS: readonly Part[] = [
  { key: 'succeeded', title: 'succeeded' },
  { key: 'failed', title: 'failed or rolled back' },
  { key: 'canary', title: 'canary trip' },
  { key: 'other', title: 'not counted' },
];

/** One bar for each week, its parts by how the deploys ended; then what the signs mean. */
export function plotLines(weekly: readonly StatsWeek[], look: TableLook): readonly string[] {
  const { style, width } = look;
  const weeks = weekly.slice(-MOST_WEEKS);
  const most = Math.max(1, ...weeks.map(totalOf));
  const room = Math.min(WIDEST_BAR, (width ?? 80) - BEFORE_BAR);
  const scale = Math.min(1, Math.max(10, room) / most);
  const signs = signsOf(style);
  const shown = PARTS.filter(({ key }) => weeks.some((week) => week[key] > 0));
  const legend = shown.map(({ key, title }) => `${signs[key].sign} ${title}`).join('  ');
  const left = weekly.length - weeks.length;
  return [
    style.bold(`  ${'WEEK OF'.padEnd(12)}${'DEPLOYS'.padStart(7)}`),
    ...weeks.map((week) =>
      `  ${week.week.padEnd(12)}${String(totalOf(week)).padStart(7)} ${barOf(week, { scale, signs })}`.trimEnd(),
    ),
    ...(legend === '' ? [] : [`  ${' '.repeat(BEFORE_BAR - 2)}${legend}`.trimEnd()]),
    ...(left === 0 ? [] : [`  (the last ${MOST_WEEKS} of ${weekly.length} weeks)`]),
  ];
}

const totalOf = ({ succeeded, failed, canary, other }: StatsWeek): number =>
  succeeded + failed + canary + other;

interface Sign {
  readonly sign: string;
  readonly paint: (text: string) => string;
}

const signsOf = ({ symbols, green, red, yellow, dim }: Style) =>
  ({
    succeeded: { sign: symbols.barFull, paint: green },
    failed: { sign: 'x', paint: red },
    canary: { sign: 'c', paint: yellow },
    other: { sign: symbols.barEmpty, paint: dim },
  }) as const satisfies Readonly<Record<Part['key'], Sign>>;

/** A part that is not empty has a sign at least. */
function barOf(
  week: StatsWeek,
  { scale, signs }: { readonly scale: number; readonly signs: ReturnType<typeof signsOf> },
): string {
  return PARTS.map(({ key }) => {
    const { sign, paint } = signs[key];
    const columns = week[key] === 0 ? 0 : Math.max(1, Math.round(week[key] * scale));
    return columns === 0 ? '' : paint(sign.repeat(columns));
  }).join('');
}
