import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
    tables: comparisonTables(results),
    trips: roundTripTable(results),
    growth: growthTable(results),
    machine: machineText(results),
  };
  const page = `${stem}.md`;
  const text = existsSync(page)
    ? replaceBlocks(readFileSync(page, 'utf8'), blocks)
    : pageOf(blocks);
  writeFileSync(page, text);
  writePlot(`${stem}-time`, plot(results, WALL));
  writePlot(`${stem}-cpu`, plot(results, CPU));
}

function writePlot(stem: string, svg: string | null): void {
  if (svg === null) return;
  writeFileSync(`${stem}.svg`, svg);
  const { status } = spawnSync('rsvg-convert', ['--zoom', '2', '-o', `${stem}.png`, `${stem}.svg`]);
  if (status !== 0) process.stderr.write(`no ${stem}.png: rsvg-convert is not there, or failed\n`);
}
