import type { Transition } from './host-state.js';

/** Verbs by which a run becomes the owner of a host. */
const CLAIMS = new Set(['claim', 'adopt']);

/** What a person has done to a host between runs; no release and no phase changes by it. */
const BESIDE_RUNS = new Set(['install_guard', 'remove_guard']);

/**
 * I3 by a host's log: after a claim no older epoch and no other run acts, save the dead-man timer
 * and the boot guard, which may roll back the transaction that was armed last and no other.
 */
export function judgeFencing(lines: readonly Transition[]): readonly string[] {
  let owner = { run: '', epoch: 0 };
  let armed = '';
  const broken: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (BESIDE_RUNS.has(line.verb)) continue;
    const say = (what: string): unknown =>
      broken.push(`log line ${index + 1}, ${line.verb}: ${what}`);
    if (isUnowned(line)) {
      if (line.txn !== armed) say(`rolls back ${line.txn}, while ${armed || 'nothing'} was armed`);
      continue;
    }
    const epoch = line.epoch ?? owner.epoch;
    if (epoch < owner.epoch)
      say(`epoch ${epoch} of ${line.run} after ${owner.epoch} of ${owner.run}`);
    else if (CLAIMS.has(line.verb)) owner = { run: line.run, epoch };
    else if (line.run !== owner.run) say(`run ${line.run} acts, ${owner.run} has claimed`);
    else if (epoch !== owner.epoch) say(`epoch ${epoch} acts, ${owner.epoch} has claimed`);
    if (line.verb === 'arm') armed = line.txn;
  }
  return broken;
}

/** The switch and the guard act for a transaction, not for a run. */
function isUnowned({ verb, run }: Transition): boolean {
  return verb === 'guard' || (verb === 'revert' && run === '');
}
