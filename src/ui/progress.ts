import type { HostStage } from '../model/run.js';
import type { Paint, Style } from './style.js';
import { countIn, type StageCounts } from './view.js';

/** How far a host in a stage has come, in hundredths of its way. */
const SHARE: Readonly<Record<HostStage, number>> = {
  waiting: 0,
  checking: 0,
  claiming: 5,
  claimed: 10,
  staging: 12,
  staged: 25,
  switching: 45,
  confirming: 90,
  done: 100,
  reverting: 45,
  reverted: 0,
  failed: 0,
  down: 0,
  unknown: 0,
};

const LOST: readonly HostStage[] = ['failed', 'down', 'unknown'];

/** A bar of `width` columns: green for the way made, yellow for hosts that are back, red for those that failed. */
export function bar(
  counts: StageCounts,
  total: number,
  look: { width: number; style: Style },
): string {
  const { width, style } = look;
  const hundredths = (Object.entries(SHARE) as [HostStage, number][]).reduce(
    (sum, [stage, share]) => sum + countIn(counts, stage) * share,
    0,
  );
  const lost = Math.ceil((width * countIn(counts, ...LOST)) / Math.max(1, total));
  const back = Math.floor((width * countIn(counts, 'reverted')) / Math.max(1, total));
  const made = Math.min(
    width - lost - back,
    Math.floor((width * hundredths) / (100 * Math.max(1, total))),
  );
  const { barFull, barEmpty } = style.symbols;
  return (
    style.green(barFull.repeat(made)) +
    style.dim(barEmpty.repeat(width - made - lost - back)) +
    style.yellow(barFull.repeat(back)) +
    style.red(barFull.repeat(lost))
  );
}

/** `7 done · 2 switching · 1 reverted`: every stage that has hosts, each host once. */
export function countsText(counts: StageCounts, style: Style): string {
  return ORDER.filter((stage) => (counts[stage] ?? 0) > 0)
    .map((stage) => paintOf(stage, style)(`${counts[stage]} ${stage}`))
    .join(style.dim(` ${style.symbols.dot} `));
}

const ORDER: readonly HostStage[] = [
  'done',
  'failed',
  'down',
  'unknown',
  'reverted',
  'reverting',
  'confirming',
  'switching',
  'staged',
  'staging',
  'claimed',
  'claiming',
  'checking',
  'waiting',
];

function paintOf(stage: HostStage, style: Style): Paint {
  switch (stage) {
    case 'done':
      return style.green;
    case 'failed':
    case 'down':
    case 'unknown':
      return style.red;
    case 'reverted':
    case 'reverting':
      return style.yellow;
    case 'switching':
    case 'confirming':
      return style.cyan;
    default:
      return style.dim;
  }
}
