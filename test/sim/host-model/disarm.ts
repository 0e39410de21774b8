import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

/** After the state was decided, when the switch would find nothing to do; it may be gone already. */
export function* disarm(run: ProgramRun): Doing {
  const armed = run.state.switch;
  if (armed === null) return;
  yield* before('disarm', 10);
  if (!run.args.flag('guard')) run.host.switches.stop(armed);
  run.host.forgetRecipe(run.state.txn);
  yield* run.note({ switch: null });
}
