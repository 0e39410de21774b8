import { type Line, LOOKS, PANEL, type Scales } from './plot-layout.js';
import { element, svgText } from './svg.js';

/** What a name takes at the right of a panel, in pixels. */
const NAME_HEIGHT = 15;

/** Each line's name at its last point, moved up or down as far as they would overlap. */
export function drawNames(lines: readonly Line[], { x, y }: Scales): readonly string[] {
  const ends = lines
    .flatMap(({ tool, points }) => {
      const last = points.at(-1);
      return last === undefined ? [] : [{ tool, cx: x.place(last.hosts), cy: y.place(last.value) }];
    })
    .toSorted((a, b) => a.cy - b.cy);
  const heights = pushedApart(ends.map(({ cy }) => cy));
  const left = PANEL.width - PANEL.right + 12;
  return ends.flatMap(({ tool, cx, cy }, index) => {
    const { colour } = LOOKS[tool];
    const height = heights[index] ?? cy;
    return [
      element('line', {
        ...{ x1: cx + 5, y1: cy, x2: left - 2, y2: height, stroke: colour },
        ...{ 'stroke-width': 0.7, opacity: 0.6 },
      }),
      svgText(tool, {
        ...{ x: left, y: height + 4, fill: colour },
        ...(tool === 'fleet' ? { 'font-weight': 'bold' } : {}),
      }),
    ];
  });
}

/** Heights in ascending order, each at least a name's height below the one before, about where they were. */
function pushedApart(heights: readonly number[]): readonly number[] {
  const spread: number[] = [];
  for (const height of heights) {
    spread.push(Math.max(height, (spread.at(-1) ?? Number.NEGATIVE_INFINITY) + NAME_HEIGHT));
  }
  const lowest = PANEL.height - PANEL.bottom;
  const over = Math.max(0, (spread.at(-1) ?? 0) - lowest);
  let above = Number.POSITIVE_INFINITY;
  return spread
    .toReversed()
    .map((height) => {
      above = Math.min(height, over === 0 ? height : lowest, above - NAME_HEIGHT);
      return above;
    })
    .toReversed();
}
