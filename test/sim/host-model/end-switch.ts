import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

/**
 * After the state was settled: that is what disarms. A timer is left to elapse, and finds nothing to
 * do; only a waiting process is ended, and not by itself.
 */
export function* endTimer(run: ProgramRun, armed: string | null): Doing {
  if (armed === null || run.byTimer || !armed.startsWith('process:')) return;
  yield* before('end switch');
  run.host.switches.stop(armed);
}
