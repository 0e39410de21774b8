import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type Cell,
  type Failure,
  type GrowthPoint,
  inCell,
  NO_RESULTS,
  type Results,
  resultsSchema,
  type Sample,
  type ToolName,
} from './results.js';

/** What the figures of a run stand on. */
export type Ground = Pick<Results, 'machine' | 'versions'> & { readonly command: string };

/**
 * Results that are written after each sample, so that a run which is cut short loses nothing, and
 * which several runs may fill. Without a file they are only kept.
 */
export class ResultStore {
  results: Results;

  constructor(readonly file: string | undefined) {
    const kept = file !== undefined && existsSync(file) ? readResults(file) : NO_RESULTS;
    this.results = kept;
  }

  begin({ command, machine, versions }: Ground): void {
    const { results } = this;
    this.#put({
      ...results,
      machine,
      versions: { ...results.versions, ...versions },
      commands: [...new Set([...results.commands, command])],
    });
  }

  /** Drops what an earlier run found of these tools in these cells, which are now measured anew. */
  makeRoom(cells: readonly Cell[], tools: readonly ToolName[]): void {
    const stays = (one: Cell & { readonly tool: ToolName }): boolean =>
      !(tools.includes(one.tool) && cells.some((cell) => inCell(one, cell)));
    const { results } = this;
    this.#put({
      ...results,
      samples: results.samples.filter(stays),
      failures: results.failures.filter(stays),
    });
  }

  add(sample: Sample): void {
    this.#put({ ...this.results, samples: [...this.results.samples, sample] });
  }

  fail(failure: Failure): void {
    this.#put({ ...this.results, failures: [...this.results.failures, failure] });
  }

  setGrowth(growth: readonly GrowthPoint[], command: string): void {
    const commands = [...new Set([...this.results.commands, command])];
    this.#put({ ...this.results, growth: [...growth], commands });
  }

  #put(results: Results): void {
    this.results = results;
    if (this.file === undefined) return;
    // A line a sample: short enough to be kept in git, and to be compared.
    const lines = JSON.stringify(results).replaceAll(/([[,])(\{"(?:tool|job)")/g, '$1\n$2');
    writeFileSync(this.file, `${lines}\n`);
  }
}

function readResults(file: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
