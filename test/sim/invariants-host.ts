import { FOREIGN } from './fleet.js';
import { isComplete } from './host-model/disk.js';
import { isOpen } from './host-model/program.js';
import type { Transition } from './host-model/transition.js';
import type { Checker } from './invariants.js';
import { DECIDED, type Truth } from './truth.js';

type TransitionChecker = (truth: Truth, transition: Transition) => string | null;

const onTransition =
  (check: TransitionChecker): Checker =>
  (truth, seen) =>
    seen.kind === 'transition' ? check(truth, seen.transition) : null;

/** I1: `current` is absent or resolves to a complete release, or to what another tool made. */
export const currentIsComplete = onTransition((truth, { host: name }) => {
  const { disk } = truth.host(name);
  if (disk.current === null || isComplete(disk, disk.current)) return null;
  if (disk.current === FOREIGN && disk.folders.has(FOREIGN)) return null;
  return `current is ${disk.current}, which is not complete`;
});

/** I2: in idle, the process runs the release that `current` names. */
export const idleServesCurrent = onTransition((truth, { host: name }) => {
  const host = truth.host(name);
  const { phase, prior } = host.disk.state;
  const settled =
    phase === 'idle' || (prior === 'idle' && (phase === 'claimed' || phase === 'staged'));
  if (!settled) return null;
  const odd = [...host.units.values()].find(
    (unit) => unit.runs && unit.serving !== host.disk.current,
  );
  if (odd === undefined) return null;
  return `in ${phase}, ${odd.name} runs ${odd.serving} while current is ${host.disk.current}`;
});

/** Changes that only the holder of the lock may make. */
const WRITES: ReadonlySet<Transition['kind']> = new Set<Transition['kind']>([
  'phase',
  'link',
  'release-published',
  'release-removed',
  'written',
  'unit-stopped',
  'unit-started',
]);

/** I3: no effect of an older epoch after a newer claim, save a switch that reverts its own transaction. */
export const olderEpochsAreFenced = onTransition((truth, { host, actor, kind }) => {
  if (actor === null || !WRITES.has(kind)) return null;
  const { epoch, run } = truth.notesOf(host);
  if (actor.by === 'switch') {
    const { state } = truth.host(host).disk;
    if (actor.verb === 'guard' || state.txn === actor.txn) return null;
    return `the switch of ${actor.txn} acts in transaction ${state.txn}`;
  }
  if (actor.epoch > epoch || (actor.epoch === epoch && (run === null || actor.run === run))) {
    return null;
  }
  return `${actor.verb} of ${actor.run} in epoch ${actor.epoch} acts after ${run} claimed in ${epoch}`;
});

/** I3: one writer, who holds the lock. */
export const writersHoldTheLock = onTransition((_, { actor, kind }) =>
  actor === null || actor.locked || !WRITES.has(kind)
    ? null
    : `${actor.verb} writes without the lock`,
);

/** I6: no host is linked unless its dead-man timer waits, where its tier has one. */
export const linkedOnlyWhenArmed = onTransition((truth, { host: name, actor, ...change }) => {
  if (change.kind !== 'link' || actor?.verb !== 'activate') return null;
  const host = truth.host(name);
  if (host.disk.state.switch === 'off') return null;
  if (host.switches.guards(actor.txn)) return null;
  return `linked ${change.after} and no switch waits for ${actor.txn}`;
});

/** Where an app has backups, no host is linked to another release without the backup of this transaction. */
export const linkedOnlyWithBackup = onTransition((truth, { host: name, actor, ...change }) => {
  if (change.kind !== 'link' || actor?.verb !== 'activate' || change.before === null) return null;
  const run = truth.runs.find(({ plan }) => plan.hosts.some(({ txn }) => txn === actor.txn));
  if (run?.plan.app.backup === undefined) return null;
  if (truth.host(name).disk.backups.has(actor.txn)) return null;
  return `linked ${change.after} without the backup of ${actor.txn}`;
});

/** In idle, the installed unit file is that of the release that `current` names, where that has one. */
export const unitFileFits = onTransition((truth, { host: name, actor, ...change }) => {
  const { state, current, unitFile, unitFiles } = truth.host(name).disk;
  const starts = change.kind === 'unit-started' && actor !== null;
  if (state.phase !== 'idle' && !starts) return null;
  const own = unitFiles.get(current ?? '');
  if (own === undefined || own === unitFile) return null;
  return `in ${state.phase}, ${current} has the unit file ${own.trim()} and ${unitFile?.trim()} is installed`;
});

/** I7: unconfirmed past its deadline and the margin means reverted or down. */
export const overdueIsDecided: Checker = (truth, seen) => {
  if (seen.kind !== 'overdue') return null;
  const host = truth.host(seen.host);
  const { state } = host.disk;
  if (state.txn !== seen.txn || !isOpen(state) || state.switch === 'off') return null;
  const { armings, bootAtArm } = truth.notesOf(seen.host);
  if (armings !== seen.arming || bootAtArm === DECIDED) return null;
  // Nothing of a boot survives the next one, save the guard; a full disk defeats the switch.
  const rebooted = !host.up || host.boots !== bootAtArm;
  if ((rebooted && !host.guarded) || !host.up || host.diskWasFull) return null;
  return `transaction ${seen.txn} is ${state.phase} long after its deadline`;
};

const READERS: ReadonlySet<string> = new Set(['facts', 'status', 'probe']);

/** I10: what only reads writes nothing. */
export const readersWriteNothing = onTransition((_, { actor, kind }) => {
  const reads = READERS.has(actor?.verb ?? '');
  return reads && WRITES.has(kind) ? `${actor?.verb} has written (${kind})` : null;
});

/** I10: a dry run sends nothing but what reads, begins no run, and asks no store to keep anything. */
export const dryRunsWriteNothing: Checker = (truth, seen) => {
  switch (seen.kind) {
    case 'sent': {
      if (seen.by === null || !truth.dryRuns.has(seen.by)) return null;
      const odd = seen.steps.find(({ verb }) => !READERS.has(verb));
      return odd === undefined ? null : `a dry run sends ${odd.verb}`;
    }
    case 'event': {
      const dry = seen.run !== null && truth.dryRuns.has(seen.run);
      return dry && seen.event.type === 'run-started' ? 'a dry run has begun a run' : null;
    }
    case 'stored':
      return truth.dryRuns.has(seen.run) ? 'a dry run was written to the history' : null;
    default:
      return null;
  }
};

/** I12: what fleet did not make, what is current, what the last run came from and went to, and what runs, is never pruned. */
export const neededReleasesStay = onTransition((truth, { host: name, ...change }) => {
  if (change.kind !== 'release-removed') return null;
  const host = truth.host(name);
  const { state, current } = host.disk;
  const served = [...host.units.values()].map((unit) => unit.serving);
  if (![FOREIGN, current, state.from, state.to, ...served].includes(change.release)) return null;
  return `release ${change.release} was removed, and is needed`;
});
