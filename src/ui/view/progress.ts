import { STAGE_TRAITS, stagesWhere } from '../../model/runs/host-stage.js';
import { HOST_STAGES, type HostStage } from '../../model/runs/run.js';
import type { Paint, Style } from '../terminal/style.js';
import { countIn, type StageCounts } from './view.js';

const FAILED = stagesWhere(({ failed }) => failed);
const BACK = stagesWhere(({ back, final }) => back && final);
const BY_RANK = HOST_STAGES.toSorted((a, b) => STAGE_TRAITS[a].rank - STAGE_TRAITS[b].rank);

/** A bar of `width` columns: green for progress, yellow for hosts that are rolled back, red for failed ones. */
export function bar(
  counts: StageCounts,
  total: number,
  look: { width: number; style: Style },
): string {
  const { width, style } = look;
  const hundredths = HOST_STAGES.reduce(
    (sum, stage) => sum + countIn(counts, stage) * STAGE_TRAITS[stage].share,
    0,
  );
  const lost = Math.ceil((width * countIn(counts, ...FAILED)) / Math.max(1, total));
  const back = Math.floor((width * countIn(counts, ...BACK)) / Math.max(1, total));
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
  return BY_RANK.filter((stage) => (counts[stage] ?? 0) > 0)
    .map((stage) => paintOf(stage, style)(`${counts[stage]} ${stage}`))
    .join(style.dim(` ${style.symbols.dot} `));
}

function paintOf(stage: HostStage, style: Style): Paint {
  const { holds, failed, back, inFlight } = STAGE_TRAITS[stage];
  if (failed) return style.red;
  if (back) return style.yellow;
  if (inFlight) return style.cyan;
  return holds === 'new' ? style.green : style.dim;
}
