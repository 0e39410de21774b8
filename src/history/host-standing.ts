import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import type { HostResultState } from '../model/runs/run.js';
import type { KeptHost } from './merge.js';
import type { HostRelease, RunSummary } from './store.js';

/** What one run by which a host was not skipped has left on it. */
export function standingOf(
  kept: KeptHost & Pick<RunSummary, 'run'>,
): Pick<HostRelease, 'release' | 'sure' | 'seen'> {
  const { run, state, at, from, to } = kept;
  const holds = holdsOf(state);
  const sure = holds === 'new' || holds === 'before';
  return { release: holds === 'new' ? to : from, sure, seen: { run, state, at } };
}

function holdsOf(state: HostResultState) {
  if (state === 'unchanged') return 'new';
  return state === 'skipped' ? 'unknown' : STAGE_TRAITS[state].holds;
}
