import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildMeasured } from './build.js';
import type { Measurement } from './fleet-files.js';
import type { Figures } from './one.js';
import { growthLine, TITLE_LINE } from './table.js';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '100,1000,5000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

const sizes = values.hosts.split(',').map(Number);
process.stdout.write(`${TITLE_LINE}\n`);
const figures = measureAll(await buildMeasured(), Number(values.rounds));
if (values.json !== undefined) {
  const report = { schemaVersion: 1, node: process.version, figures };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

/** Each in a process of its own, and shown as it comes. */
function measureAll(file: string, rounds: number): readonly Figures[] {
  const found: Figures[] = [];
  for (const measurement of measurements()) {
    found.push(measureOne(file, measurement, rounds));
    process.stdout.write(`${growthLine(found)}\n`);
  }
  return found;
}

/** Of several rounds the one with the median CPU counts. */
function measureOne(file: string, measurement: Measurement, rounds: number): Figures {
  const all = Array.from({ length: rounds }, () => measureOnce(file, measurement));
  const median = all.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(rounds / 2)];
  if (median === undefined) throw new Error('there is nothing to measure in no rounds');
  return median;
}

function measurements(): readonly Measurement[] {
  const kinds = [
    { job: 'rollback', waves: 'at-once', forks: 100 },
    { job: 'rollback', waves: 'default', forks: 100 },
    { job: 'rollback', waves: 'default', forks: 200 },
    { job: 'deploy', waves: 'at-once', forks: 100 },
    { job: 'deploy', waves: 'default', forks: 100 },
  ] as const;
  return kinds.flatMap((kind) => [1, ...sizes].map((hosts) => ({ ...kind, hosts })));
}

function measureOnce(file: string, measurement: Measurement): Figures {
  const argv = [file, JSON.stringify(measurement)];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${JSON.stringify(measurement)}: ${stderr}`);
  return JSON.parse(stdout);
}
