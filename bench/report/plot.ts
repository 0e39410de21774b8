import { INK, type Line, PANEL, type Scales } from './plot-layout.js';
import { drawPanel } from './plot-panel.js';
import type { Results } from './results.js';
import { logScale } from './scale.js';
import { type Panel, panelsOf, type Summary, summarize } from './summary.js';
import { element, svgText } from './svg.js';

/** What a plot shows over the number of hosts. */
export interface PlotMeasure {
  readonly title: string;
  readonly of: (summary: Summary) => number;
}

export const WALL: PlotMeasure = { title: 'Seconds, by number of hosts', of: ({ wall }) => wall };
export const CPU: PlotMeasure = {
  title: 'Controller CPU, milliseconds a host, by number of hosts',
  of: ({ cpuPerHost }) => cpuPerHost,
};

/** Above the panels, for the title. */
const HEAD = 44;

/**
 * A page of panels, one for each job and network, on a ground of its own for any background. Null
 * where there is nothing to draw.
 */
export function plot(results: Results, measure: PlotMeasure): string | null {
  const panels = panelsOf(results).map((panel) => ({
    panel,
    lines: linesOf(results, panel, measure),
  }));
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  if (points.length === 0) return null;
  const columns = new Set(panels.map(({ panel }) => panel.rtt)).size;
  const scales = scalesOf(points);
  const drawn = panels.map(({ panel, lines }, index) => {
    const left = PANEL.width * (index % columns);
    const top = HEAD + PANEL.height * Math.floor(index / columns);
    const place = { transform: `translate(${left} ${top})` };
    return element('g', place, ...drawPanel(panel, lines, scales));
  });
  const width = PANEL.width * columns;
  const height = HEAD + PANEL.height * Math.ceil(panels.length / columns);
  return page({ width, height, title: measure.title }, drawn);
}

/** One scale for all panels, so that they can be compared with each other. */
function scalesOf(points: Line['points']): Scales {
  const across = [PANEL.left, PANEL.width - PANEL.right] as const;
  const upwards = [PANEL.height - PANEL.bottom, PANEL.top] as const;
  return {
    x: logScale(
      points.map(({ hosts }) => hosts),
      across,
    ),
    y: logScale(
      points.map(({ value }) => value),
      upwards,
    ),
  };
}

function page(
  {
    width,
    height,
    title,
  }: { readonly width: number; readonly height: number; readonly title: string },
  panels: readonly string[],
): string {
  const svg = element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height },
      ...{ 'font-family': 'Helvetica, Arial, sans-serif', 'font-size': 12 },
    },
    element('title', {}, title),
    element('rect', { width, height, rx: 8, fill: '#ffffff' }),
    svgText(title, { x: 20, y: 30, fill: INK, 'font-size': 17, 'font-weight': 'bold' }),
    ...panels,
  );
  return `${svg}\n`;
}

function linesOf(results: Results, panel: Panel, { of }: PlotMeasure): readonly Line[] {
  const { job, rtt } = panel;
  return panel.tools.map((tool) => ({
    tool,
    points: panel.sizes.flatMap((hosts) => {
      const found = summarize(results, tool, { job, rtt, hosts });
      return found === null ? [] : [{ hosts, value: of(found) }];
    }),
  }));
}
