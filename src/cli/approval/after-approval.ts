import { lacksSource } from '../../engine/journal/plan-record.js';
import { parsePlanFile } from '../../engine/plan-file/plan-file.js';
import type { ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import type { Context } from '../context/context.js';
import { applyFile, withAsked } from '../rollout/apply-file.js';
import type { RunOptions } from '../session/run-options.js';
import type { Approved, Waiting } from './gate.js';
import { waitForApproval } from './wait.js';

/** How a run ended, or how it ended after it has waited: with neither locks nor connections meanwhile. */
export async function orWait(
  context: Context,
  options: RunOptions,
  end: ExitCode | Waiting,
): Promise<ExitCode> {
  if (typeof end === 'number') return end;
  // Whoever waits has agreed to the plan already.
  const goOn = (): Promise<ExitCode> => applyApproved(context, { ...options, yes: true }, end);
  return waitForApproval(context, options, { waiting: end, goOn });
}

/** Carries out exactly the plan that was approved, or refuses what has moved since. */
export async function applyApproved(
  context: Context,
  options: RunOptions,
  { store, run }: Pick<Approved, 'store' | 'run'>,
): Promise<ExitCode> {
  const state = await store.find(run);
  if (state === null) throw gone(run);
  const file = parsePlanFile(state.plan, `the plan of run ${run}`);
  const { digest } = file;
  const end = await applyFile(context, optionsFor(options, file), {
    file,
    approved: { store, run, digest },
  });
  if (typeof end === 'number') return end;
  throw gone(run);
}

const gone = (run: string): FleetError =>
  new FleetError('approval_unknown', `the request of run ${run} is gone`);

/** The source of the plan, with the files that are there; a commit is built again. */
function optionsFor(options: RunOptions, file: PlanFile) {
  const { from: typed, ...rest } = withAsked({ build: true, ...options }, file);
  const { from } = file.plan.app.release;
  const isWhole = !lacksSource(file.plan.app);
  return {
    ...rest,
    ...(isWhole || typed === undefined ? {} : { from: typed }),
    build: from?.kind === 'git' && rest.build,
  };
}
