import type { RunOutcome } from '../store.js';
import { deployEnd, firstTouchMs, hasSucceeded } from './deploy-end.js';

/** A deploy that failed for users, and when that was put right. */
export interface FailedDeploy {
  readonly run: RunOutcome;
  /** True if it succeeded and was rolled back later. */
  readonly later: boolean;
  /** From the first host on it to the end of the run that put it right; null if none has. */
  readonly restoreMs: number | null;
}

/** A rollback so long after a deploy is no longer that deploy's failure. */
export const ROLLED_BACK_WITHIN_DAYS = 7;

const WITHIN_MS = ROLLED_BACK_WITHIN_DAYS * 86_400_000;

/** The failed deploys of one app on one group, from all its runs, oldest first. */
export function failedDeploys(runs: readonly RunOutcome[]): readonly FailedDeploy[] {
  const inRun = runs.flatMap((run, index) => {
    if (run.kind !== 'deploy' || deployEnd(run) !== 'failed') return [];
    const end = run.state === 'rolled_back' ? run : runs.slice(index + 1).find(hasSucceeded);
    return [{ run, later: false, restoreMs: restoreMs(run, end) }];
  });
  return [...inRun, ...rolledBackLater(runs)];
}

/** What a rollback replaced had failed, if that was new. */
function rolledBackLater(runs: readonly RunOutcome[]): readonly FailedDeploy[] {
  const failed = new Map<string, FailedDeploy>();
  const broughtBy = new Map<string, RunOutcome>();
  let current: RunOutcome | undefined;
  for (const run of runs.filter(hasSucceeded)) {
    if (run.kind === 'deploy') {
      broughtBy.set(run.release.id, run);
      current = run;
      continue;
    }
    if (current !== undefined && isFailureOf(current, run) && !failed.has(current.run)) {
      failed.set(current.run, { run: current, later: true, restoreMs: restoreMs(current, run) });
    }
    current = broughtBy.get(run.release.id);
  }
  return [...failed.values()];
}

function isFailureOf(deploy: RunOutcome, rollback: RunOutcome): boolean {
  if (deploy.release.id === rollback.release.id || deploy.endedAt === null) return false;
  return Date.parse(rollback.startedAt) - Date.parse(deploy.endedAt) <= WITHIN_MS;
}

function restoreMs(run: RunOutcome, end: RunOutcome | undefined): number | null {
  if (end === undefined || end.endedAt === null) return null;
  return Math.max(0, Date.parse(end.endedAt) - firstTouchMs(run));
}
