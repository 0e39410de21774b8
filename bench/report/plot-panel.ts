import { drawNames } from './line-names.js';
import { FAINT, INK, type Line, LOOKS, PANEL, type Scales } from './plot-layout.js';
import type { Panel } from './summary.js';
import { element, svgText } from './svg.js';
import { panelTitle } from './tables.js';

/** The parts of one panel: its title, the grid, a line for each tool, and their names. */
export function drawPanel(panel: Panel, lines: readonly Line[], scales: Scales): readonly string[] {
  return [
    svgText(panelTitle(panel), { x: PANEL.left, y: 22, fill: INK, 'font-weight': 'bold' }),
    ...grid(panel, scales),
    // fleet last, above the others.
    ...lines.toReversed().flatMap((line) => drawLine(line, scales)),
    ...drawNames(lines, scales),
  ];
}

function grid({ sizes }: Panel, { x, y }: Scales): readonly string[] {
  const [left, right] = [PANEL.left, PANEL.width - PANEL.right];
  const bottom = PANEL.height - PANEL.bottom;
  return [
    ...y.ticks.flatMap((value) => [
      element('line', {
        x1: left,
        x2: right,
        y1: y.place(value),
        y2: y.place(value),
        stroke: '#d8dee4',
      }),
      svgText(String(value), {
        ...{ x: left - 8, y: y.place(value) + 4 },
        ...{ fill: FAINT, 'text-anchor': 'end' },
      }),
    ]),
    ...sizes.map((hosts) =>
      svgText(String(hosts), {
        ...{ x: x.place(hosts), y: bottom + 20 },
        ...{ fill: FAINT, 'text-anchor': 'middle' },
      }),
    ),
  ];
}

function drawLine({ tool, points }: Line, { x, y }: Scales): readonly string[] {
  const { colour, dashes } = LOOKS[tool];
  const places = points.map(({ hosts, value }) => ({ cx: x.place(hosts), cy: y.place(value) }));
  return [
    element('polyline', {
      points: places.map(({ cx, cy }) => `${cx.toFixed(1)},${cy.toFixed(1)}`).join(' '),
      ...{ fill: 'none', stroke: colour, 'stroke-width': tool === 'fleet' ? 3.5 : 1.8 },
      ...(dashes === undefined ? {} : { 'stroke-dasharray': dashes }),
    }),
    ...places.map((place) =>
      element('circle', { ...place, r: tool === 'fleet' ? 4.5 : 3, fill: colour }),
    ),
  ];
}
