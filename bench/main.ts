import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureDelta } from './delta/measure-delta.js';
import { type BenchRequest, parseRequest, USAGE } from './options.js';
import { growthFileSchema } from './report/results.js';
import { ResultStore } from './report/store.js';
import { tablesText, writeReport } from './report/write-report.js';
import { compare } from './run/compare.js';
import { measureUploads } from './uploads/measure-uploads.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let request: BenchRequest;
  try {
    request = parseRequest(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}\n`);
    return 2;
  }
  const store = new ResultStore(request.data);
  if (request.kind === 'compare') {
    await compare(request.comparison, { store, tell });
    process.stdout.write(tablesText(store.results));
  }
  if (request.kind === 'growth') measureGrowth(store);
  if (request.kind === 'delta') process.stdout.write(await measureDelta({ ...request, tell }));
  if (request.kind === 'uploads') {
    process.stdout.write(await measureUploads({ ...request, megabytes: 500, tell }));
  }
  if (request.data !== undefined) writeReport(store.results, request.data);
  return store.results.failures.length === 0 ? 0 : 1;
}

/** Has `bench/growth` measure, in its own processes, and keeps what it found. */
function measureGrowth(store: ResultStore): void {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-growth-'));
  try {
    const file = join(dir, 'growth.json');
    const program = join(import.meta.dirname, 'growth/main.ts');
    const argv = ['--import', 'tsx', program, '--json', file];
    const { status } = spawnSync(process.execPath, argv, {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error(`bench/growth ended with ${status}`);
    const { figures } = growthFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    store.setGrowth(figures, 'npm run bench -- --growth');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
