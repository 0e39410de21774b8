import { parseArgs } from 'node:util';
import { type Figures, noFigures, reportOf, runCampaign } from './campaign.js';
import type { Scenario } from './scenario.js';
import { simulate } from './simulate.js';

/** `npm run sim`: more simulated runs than fit into `npm test`, or one of them again. */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    path: { type: 'string' },
    scenario: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** So many runs share a seed, so that a long campaign tells how far it is. */
const RUNS_A_SEED = 1000;

async function main(): Promise<boolean> {
  if (values.scenario !== undefined) return replay(JSON.parse(values.scenario));
  const runs = Number(values.runs);
  const seed = Number(values.seed);
  if (values.path !== undefined) return campaign(runs, seed, values.path);
  const figures = noFigures();
  const began = performance.now();
  for (let done = 0; done < runs; done += RUNS_A_SEED) {
    const part = { runs: Math.min(RUNS_A_SEED, runs - done), seed: seed + done / RUNS_A_SEED };
    const finding = await runCampaign(part, figures);
    if (finding !== null) {
      print(reportOf(finding));
      return false;
    }
    if ((done / RUNS_A_SEED) % 10 === 9) print(lineOf(figures, performance.now() - began));
  }
  for (const line of tableOf(figures, performance.now() - began)) print(line);
  return true;
}

async function campaign(runs: number, seed: number, path: string): Promise<boolean> {
  const finding = await runCampaign({ runs, seed, path });
  print(finding === null ? 'No invariant is violated there.' : reportOf(finding));
  return finding === null;
}

async function replay(scenario: Scenario): Promise<boolean> {
  const { violation, ending, virtualMs } = await simulate(scenario, {
    trace: values.trace ? print : undefined,
  });
  const seconds = (virtualMs / 1000).toFixed(1);
  print(`${seconds} s of virtual time; the first controller: ${ending?.kind ?? 'killed'}`);
  if (violation === null) return true;
  print(`${violation.invariant} is violated: ${violation.message}`);
  return false;
}

function lineOf({ runs }: Figures, ms: number): string {
  return `${runs} runs, ${Math.round((runs * 1000) / ms)} a second, no violation`;
}

function tableOf(figures: Figures, ms: number): readonly string[] {
  const { hosts, calls, transitions, virtualMs } = figures;
  const counts = (of: ReadonlyMap<string, number>): string =>
    [...of]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    lineOf(figures, ms),
    `hosts ${hosts}, calls ${calls}, changes of hosts ${transitions}, checked one by one`,
    `virtual time: ${Math.round(virtualMs / 3_600_000)} hours`,
    `endings: ${counts(figures.endings)}`,
    `faults: ${counts(figures.faults)}`,
  ];
}

process.exitCode = (await main()) ? 0 : 1;
