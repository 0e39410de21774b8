import { expect, test } from 'vitest';
import type { CrashMode, Scenario } from './scenario.js';
import { PLAIN } from './scenarios.js';
import { simulate } from './simulate.js';

const MODES: readonly CrashMode[] = ['unsent', 'applied', 'answer-lost'];

/** Five hosts in three waves: 1, 2 and the rest. */
const RUNS: Readonly<Record<string, Scenario>> = {
  deploy: PLAIN,
  rollback: { ...PLAIN, kind: 'rollback' },
  'deploy with unit files': { ...PLAIN, unitFiles: true },
  'rollback with unit files': { ...PLAIN, kind: 'rollback', unitFiles: true },
  'deploy with backups': { ...PLAIN, backup: true },
  'deploy with hooks and backups': { ...PLAIN, backup: true, hooks: { fails: [] } },
  'first deploy': { ...PLAIN, installed: false },
  'deploy over what another tool made, which is bad': {
    ...PLAIN,
    foreign: [0, 1, 2, 3, 4],
    faults: [{ kind: 'bad', host: 3, how: 'unwell', afterMs: 0 }],
  },
  'deploy that is rolled back': {
    ...PLAIN,
    unitFiles: true,
    faults: [{ kind: 'bad', host: 3, how: 'unwell', afterMs: 0 }],
  },
};

const scenarioText = (scenario: Scenario): string =>
  `npm run sim -- --trace --scenario '${JSON.stringify(scenario)}'`;

test.each(
  Object.entries(RUNS).flatMap(([name, run]) =>
    (['recover', 'resume'] as const).map((aftermath) => ({ name, aftermath, run })),
  ),
)(
  'a $name whose controller is killed at any call is brought to its end by $aftermath',
  async ({ run, aftermath }) => {
    const whole = await simulate(run);
    expect(whole.violation).toBeNull();
    const calls = whole.counts.calls;
    expect(calls).toBeGreaterThan(30);
    let killed = 0;
    for (let call = 1; call <= calls; call += 1) {
      for (const mode of MODES) {
        const faults = [...run.faults, { kind: 'crash', call, mode } as const];
        const scenario: Scenario = { ...run, aftermath, faults };
        const { violation, ending } = await simulate(scenario);
        expect(violation, scenarioText(scenario)).toBeNull();
        if (ending === null) killed += 1;
      }
    }
    // Only the run that has had its last answer has nothing left to be killed in.
    expect(killed).toBeGreaterThanOrEqual(3 * calls - 1);
  },
  600_000,
);

/** Every so many calls the first controller is killed, and then every so many what goes on after it. */
const STRIDE = { recover: 4, resume: 9 } as const;

test.each(
  Object.entries(RUNS).flatMap(([name, run]) =>
    (['recover', 'resume'] as const).map((aftermath) => ({ name, aftermath, run })),
  ),
)(
  'after a $name, a $aftermath that is killed in its middle is begun again and comes to its end',
  async ({ run, aftermath }) => {
    const { calls } = (await simulate(run)).counts;
    const stride = STRIDE[aftermath];
    let killed = 0;
    for (let call = stride; call <= calls; call += stride) {
      const faults = [...run.faults, { kind: 'crash', call, mode: 'answer-lost' } as const];
      const once: Scenario = { ...run, aftermath, faults };
      const { successorCalls } = await simulate(once);
      for (let again = 1; again <= successorCalls; again += stride >> 1) {
        const mode = MODES[again % MODES.length] ?? 'applied';
        const scenario: Scenario = {
          ...once,
          faults: [...faults, { kind: 'crash-again', call: again, mode }],
        };
        expect((await simulate(scenario)).violation, scenarioText(scenario)).toBeNull();
        killed += 1;
      }
    }
    expect(killed).toBeGreaterThan(20);
  },
  600_000,
);
