import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

/**
 * After the state was decided: that is what disarms. A timer is left to elapse, and finds nothing to
 * do; only a waiting process is ended, and not by itself.
 */
export function* disarm(run: ProgramRun): Doing {
  const armed = run.state.switch;
  if (armed === null) return;
  yield* before('disarm');
  if (!run.args.flag('guard') && armed.startsWith('process:')) run.host.switches.stop(armed);
  run.host.forgetRecipe(run.state.txn);
  yield* run.note({ switch: null });
}
