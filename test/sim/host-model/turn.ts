import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';

const WAIT_MS = 200;

/** Hooks, backups and restores of a host run one after the other; a call that was lost may still have the turn. */
export function* takeTurn(run: ProgramRun, withinMs: number): Doing {
  const { host, process } = run;
  for (let left = withinMs + 10_000; left > 0; left -= WAIT_MS) {
    const other = host.turn;
    if (other === null || other === process || !host.steps.has(other)) {
      host.turn = process;
      return;
    }
    yield* before('turn', WAIT_MS);
  }
  throw new StepRefusal('step_failed', 'a hook, backup or restore of an earlier call still runs');
}

/** At the end of the step it is free again without this. */
export function leaveTurn({ host, process }: ProgramRun): void {
  if (host.turn === process) host.turn = null;
}
