import fc from 'fast-check';
import type { Ending } from './bastion.js';
import type { Violation } from './invariants.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenario-arbitrary.js';
import { type SimResult, simulate } from './simulate.js';

export interface CampaignOptions {
  readonly runs: number;
  readonly seed: number;
  /** fast-check's path to one counterexample, to see it again. */
  readonly path?: string | undefined;
}

/** A scenario in which an invariant does not hold, the smallest that was found. */
export interface Finding {
  readonly violation: Violation;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly path: string;
}

/** What a campaign has seen. */
export interface Figures {
  runs: number;
  hosts: number;
  calls: number;
  transitions: number;
  virtualMs: number;
  readonly endings: Map<string, number>;
  readonly faults: Map<string, number>;
}

export const noFigures = (): Figures => ({
  runs: 0,
  hosts: 0,
  calls: 0,
  transitions: 0,
  virtualMs: 0,
  endings: new Map(),
  faults: new Map(),
});

/** Simulates so many scenarios, and shrinks the first that breaks an invariant. */
export async function runCampaign(
  { runs, seed, path }: CampaignOptions,
  figures: Figures = noFigures(),
): Promise<Finding | null> {
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const result = await simulate(scenario);
    addTo(figures, scenario, result);
    return result.violation === null;
  });
  const replay = path === undefined ? {} : { path, endOnFailure: true };
  const checked = await fc.check(property, { numRuns: runs, seed, ...replay });
  if (!checked.failed) return null;
  const [scenario] = checked.counterexample ?? [];
  if (scenario === undefined) throw new Error(fc.defaultReportMessage(checked) ?? 'no example');
  const { violation } = await simulate(scenario);
  if (violation === null) throw new Error(`not deterministic: ${JSON.stringify(scenario)}`);
  return { violation, scenario, seed, path: checked.counterexamplePath ?? '' };
}

/** What a person needs of a finding: what is wrong, and the line that shows it again. */
export function reportOf({ violation, scenario, seed, path }: Finding): string {
  return [
    `${violation.invariant} is violated at ${(violation.at / 1000).toFixed(3)} s: ${violation.message}`,
    `npm run sim -- --seed ${seed} --path ${path}`,
    `npm run sim -- --trace --scenario '${JSON.stringify(scenario)}'`,
  ].join('\n');
}

function addTo(figures: Figures, scenario: Scenario, result: SimResult): void {
  figures.runs += 1;
  figures.hosts += scenario.hosts;
  figures.calls += result.counts.calls;
  figures.transitions += result.counts.transitions;
  figures.virtualMs += result.virtualMs;
  count(figures.endings, endingName(result.ending));
  for (const { kind } of scenario.faults) count(figures.faults, kind);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function endingName(ending: Ending | null): string {
  if (ending === null) return 'killed';
  return ending.kind === 'concluded' ? ending.conclusion.state : ending.kind;
}
