import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';
import { figuresTable } from './figures-table.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    hosts: { type: 'string', default: '20' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const figures = await runChaos({
  seed: whole('seed', values.seed),
  hosts: whole('hosts', values.hosts),
  numbers:
    values.only === undefined
      ? Array.from({ length: whole('runs', values.runs) }, (_, index) => index + 1)
      : [whole('only', values.only)],
  keepEvidence: values.keep,
  say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : figuresTable(figures));
process.exitCode = figures.violations.length === 0 ? 0 : 1;

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} is a whole number, not ${text}`);
}
