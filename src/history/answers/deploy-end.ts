import { EXIT } from '../../errors/codes.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostsOutcome, RunOutcome } from '../store.js';

/**
 * What a deploy has come to, for figures of many. `canary`: it failed in the first of several waves, before more hosts
 * had it. `untouched`: it ended before any host was on it. `stopped`: a person or another run stopped it. `open`: it has
 * no end yet, or is paused.
 */
export const DEPLOY_ENDS = [
  'succeeded',
  'failed',
  'canary',
  'untouched',
  'stopped',
  'open',
] as const;

export type DeployEnd = (typeof DEPLOY_ENDS)[number];

export function deployEnd(run: RunOutcome): DeployEnd {
  const { state, endedAt } = run;
  if (state === null || endedAt === null || state === 'paused') return 'open';
  if (hasSucceeded(run)) return 'succeeded';
  const touched = touchedHosts(run);
  if (touched.length === 0) return 'untouched';
  if (run.exitCode === EXIT.interrupted || state === 'fenced') return 'stopped';
  const hasLaterWaves = run.outcomes.some(({ wave }) => wave !== null && wave > 0);
  const isFirstWave = touched.every(({ wave }) => wave === 0);
  return hasLaterWaves && isFirstWave ? 'canary' : 'failed';
}

export const hasSucceeded = ({ state }: Pick<RunOutcome, 'state'>): boolean =>
  state === 'succeeded' || state === 'succeeded_partial';

/** Hosts on which its release was activated, or may have been. */
export const touchedHosts = ({ outcomes }: RunOutcome): readonly HostsOutcome[] =>
  outcomes.filter(
    ({ state }) =>
      state !== 'skipped' && state !== 'unchanged' && STAGE_TRAITS[state].reached === 'switch',
  );

/** When the first host came to what it is now; without hosts, when the run ended. In milliseconds. */
export const firstTouchMs = (run: RunOutcome): number =>
  Math.min(
    ...touchedHosts(run).map(({ firstAt }) => Date.parse(firstAt)),
    run.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(run.endedAt),
  );
