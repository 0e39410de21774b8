import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { barsTable } from './bars.js';
import { growthTable } from './growth.js';
import { pageOf, replaceBlocks } from './markdown.js';
import { CPU, plot, WALL } from './plot.js';
import type { Results } from './results.js';
import { comparisonTables, machineText, roundTripTable } from './tables.js';

/** What a person reads in the terminal after a run. */
export function tablesText(results: Results): string {
  return `\n${comparisonTables(results)}\n`;
}

/**
 * Writes the page and the plots that belong to a file of data. What people wrote around the blocks of
 * an existing page stays.
 */
export function writeReport(results: Results, dataFile: string): void {
  const stem = dataFile.replace(/\.json$/, '');
  const blocks = {
    bars: barsTable(results),
    plots: writePlots(results, stem),
    tables: comparisonTables(results) || NOTHING,
    trips: roundTripTable(results),
    growth: growthTable(results),
    machine: machineText(results),
  };
  const page = `${stem}.md`;
  const text = existsSync(page)
    ? replaceBlocks(readFileSync(page, 'utf8'), blocks)
    : pageOf(blocks);
  writeFileSync(page, text);
}

const NOTHING = 'Not measured.';

/** Writes each plot as SVG and PNG; answers with what shows them on the page. */
function writePlots(results: Results, stem: string): string {
  const images = Object.entries({ time: WALL, cpu: CPU }).flatMap(([name, measure]) => {
    const svg = plot(results, measure);
    if (svg === null) return [];
    const file = `${stem}-${name}`;
    writeFileSync(`${file}.svg`, svg);
    const { status } = spawnSync('rsvg-convert', [
      '--zoom',
      '2',
      '-o',
      `${file}.png`,
      `${file}.svg`,
    ]);
    if (status !== 0)
      process.stderr.write(`no ${file}.png: rsvg-convert is not there, or failed\n`);
    return [`![${measure.title}](${basename(file)}.svg)`];
  });
  return images.join('\n\n') || NOTHING;
}
