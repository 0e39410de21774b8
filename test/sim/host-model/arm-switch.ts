import type { StateFile } from './disk.js';
import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

/** What the state says of a dead-man timer. */
export type Armed = Pick<StateFile, 'boot' | 'deadline' | 'switch'>;

/** Writes down what the way back needs and starts the switch; null where it cannot be armed. */
export function* armTimer(run: ProgramRun, name: string): Doing<Armed | null> {
  yield* before('recipe');
  run.failIfFull();
  run.host.write({ recipes: new Map(run.disk.recipes).set(run.txn, run.args.recipe()) }, []);
  const withinMs = run.args.number('within_ms');
  const armed = yield* startSwitch(run, name, withinMs);
  if (armed === null) return null;
  const deadline = run.host.uptimeSeconds + Math.ceil(withinMs / 1000);
  return { boot: run.host.bootId, deadline, switch: armed };
}

function* startSwitch(run: ProgramRun, name: string, withinMs: number): Doing<string | null> {
  const tier = run.args.text('switch') ?? 'off';
  if (tier === 'off') return 'off';
  yield* before('switch', 20);
  if (run.host.broken.has('arms-nothing')) return `${tier}:nothing`;
  if (!run.host.tiers.some((offered) => offered === tier)) return null;
  return run.host.switches.start(tier, name, run.txn, withinMs);
}
