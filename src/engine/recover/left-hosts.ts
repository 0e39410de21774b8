import { currentOf, whyUnread } from '../../host/reply/facts.js';
import type { RunId } from '../../model/names.js';
import { runLiveness } from '../journal/run-owner.js';
import type { HostReading, ReadHost } from '../reading/host-reading.js';
import type { Recovered } from './recover.js';

/**
 * Whether the host's run may be alive: its process is, on this bastion, or its lease on the host is not over.
 */
export function mayBeAlive(stateDir: string, { facts }: Pick<ReadHost, 'facts'>): boolean {
  if (facts.run === null) return false;
  if (runLiveness(stateDir, facts.run) === 'dead') return false;
  return facts.lease === null || facts.lease > 0;
}

/**
 * Hosts of a run that never ended which another run, maybe alive, has now. They do not block the
 * recovery of other hosts, and `--force` is not about that run.
 */
export function heldElsewhere(
  stateDir: string,
  left: readonly ReadHost[],
  { unfinished, force }: { readonly unfinished: RunId | undefined; readonly force: boolean },
): readonly Recovered[] {
  if (unfinished === undefined) return [];
  const busy = left.filter(
    (each) => mayBeAlive(stateDir, each) && !(force && each.facts.run === unfinished),
  );
  return busy.map(({ host, facts }) => {
    const detail = `run ${facts.run} may be alive: its lease has ${facts.lease ?? 0} s left`;
    return { host: host.name, state: 'locked', run: facts.run, current: currentOf(facts), detail };
  });
}

/** What recovery cannot fix: a host that cannot be read, or whose rollback failed. */
export function needsPerson(survey: HostReading): readonly Recovered[] {
  const host = survey.host.name;
  if (survey.kind === 'failed') {
    const detail = survey.failure.message;
    return [{ host, state: 'unknown', run: null, current: null, detail }];
  }
  const { facts } = survey;
  const unread = whyUnread(facts, 'state');
  if (unread !== null) {
    const detail = `what a run may have left there cannot be read: ${unread}`;
    return [{ host, state: 'unknown', run: null, current: currentOf(facts), detail }];
  }
  if (facts.phase !== 'down' || facts.run !== null) return [];
  const current = currentOf(facts);
  const detail = `an earlier run has left it down, on ${current ?? 'no release'}; deploy to it, or roll it back`;
  return [{ host, state: 'down', run: null, current, detail }];
}
