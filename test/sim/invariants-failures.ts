import type { HostName } from '../../src/model/names.js';
import type { Checker } from './invariants.js';
import type { RunNotes } from './truth.js';

/**
 * I8, counted anew from what hosts have answered and have not, whatever the run says of itself: once
 * more have failed than is tolerated, no host is sent its first switch. What comes at the same moment
 * may have been decided before.
 */
export const tooManyFailuresTrip: Checker = (truth, seen) => {
  if (seen.kind !== 'sent' || !seen.steps.some(({ verb }) => verb === 'activate')) return null;
  const run = truth.runOfSteps(seen.host, seen.steps);
  if (run === undefined || run.switchSentAt.has(seen.host)) return null;
  const failed = [...run.failedAt]
    .filter(([, at]) => at < truth.now)
    .map(([name]) => name)
    .concat(unheardOf(run, truth.now));
  const why = whyTripped(run, new Set(failed));
  return why === null ? null : `is sent its switch after ${why}`;
};

/** Hosts of which nothing was heard for longer than anyone would ask. */
function unheardOf({ awaited }: RunNotes, now: number): readonly HostName[] {
  return [...awaited].filter(([, until]) => until < now).map(([name]) => name);
}

function whyTripped({ plan }: RunNotes, failed: ReadonlySet<HostName>): string | null {
  const { limits } = plan;
  for (const [wave, names] of plan.waves.entries()) {
    const count = names.filter((name) => failed.has(name)).length;
    const most = wave === 0 ? 0 : (limits.tolerateWave[wave] ?? 0);
    if (count > most) return `${count} hosts of wave ${wave} have failed, of ${most} tolerated`;
  }
  const most = limits.tolerateRun;
  return failed.size > most ? `${failed.size} hosts have failed, of ${most} tolerated` : null;
}
