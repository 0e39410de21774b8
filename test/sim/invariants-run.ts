import type { HostName } from '../../src/model/names.js';
import { isOpen } from './host-model/program.js';
import type { Transition } from './host-model/transition.js';
import type { Checker } from './invariants.js';
import type { RunNotes, Truth } from './truth.js';

/**
 * I4: no step takes a host out of service beyond `max_unavailable`. A host that is out already may
 * always be worked on. A unit that has died by itself counts once a controller was told.
 */
export const budgetIsKept: Checker = (truth, seen) => {
  if (seen.kind !== 'transition' || !leavesService(truth, seen.transition)) return null;
  const { host, actor } = seen.transition;
  const run = truth.runOf(actor?.run ?? '', host, actor?.epoch ?? 0);
  if (run === undefined) return null;
  const names = [...run.plan.hosts.map((each) => each.host.name), ...run.plan.unchanged];
  const others = names.filter((name) => name !== host && isOut(truth, run, name));
  const out = others.length + run.plan.skipped.length + 1;
  const most = run.plan.limits.maxUnavailable;
  if (out <= most) return null;
  return `${actor?.verb} makes ${out} hosts out of service, and at most ${most} may be`;
};

/**
 * I4: hosts that are out of service go first: none that serves is switched while one that was out has
 * not had its turn. One that failed before its own switch has had it: in a hook, a backup, or without an answer.
 */
export const outGoesFirst: Checker = (truth, seen) => {
  if (seen.kind !== 'sent' || !seen.steps.some(({ verb }) => verb === 'activate')) return null;
  const run = truth.runOfSteps(seen.host, seen.steps);
  if (run === undefined || run.switchSentAt.has(seen.host)) return null;
  if (truth.planned(run, seen.host)?.condition.kind !== 'serving') return null;
  const waiting = run.plan.hosts.filter(
    ({ host, condition, done }) =>
      condition.kind === 'out' &&
      !done &&
      !run.switchSentAt.has(host.name) &&
      !run.failedAt.has(host.name) &&
      !run.givenUp.has(host.name),
  );
  if (waiting.length === 0) return null;
  const names = waiting.map(({ host }) => host.name).join(', ');
  return `is switched before ${names}, which were out of service`;
};

/** Whether this very change is a controller taking a serving host out. */
function leavesService(truth: Truth, { host, actor, ...change }: Transition): boolean {
  if (actor?.by !== 'controller' || truth.notesOf(host).knownSick) return false;
  if (actor.verb === 'activate') {
    const run = truth.runOf(actor.run, host, actor.epoch);
    const wasSick = run !== undefined && truth.planned(run, host)?.condition.kind !== 'serving';
    return change.kind === 'unit-stopped' && change.serving !== null && !wasSick;
  }
  return (
    actor.verb === 'revert' &&
    change.kind === 'phase' &&
    change.before === 'idle' &&
    change.after === 'reverting'
  );
}

/**
 * I4: a recovery has no budget, as every host with an open transaction counts as out of service already:
 * so what it takes down has one.
 */
export const recoveryTakesNothingOut: Checker = (truth, seen) => {
  if (seen.kind !== 'transition') return null;
  const { host, actor, ...change } = seen.transition;
  if (actor?.by !== 'controller' || actor.verb === 'activate') return null;
  if (truth.runOf(actor.run, host, actor.epoch) !== undefined) return null;
  const { state } = truth.host(host).disk;
  if (change.kind === 'phase' && change.after === 'reverting') {
    // A step that was under way may have confirmed it since it was read; it was counted as out then.
    const wasOut = change.before !== 'idle' || truth.notesOf(host).wasFoundOpen;
    return wasOut ? null : 'recovery takes back what was confirmed';
  }
  if (change.kind !== 'unit-stopped' || change.serving === null) return null;
  return isOpen(state) ? null : `recovery takes a host out of service that is ${state.phase}`;
};

function isOut(truth: Truth, run: RunNotes, name: HostName): boolean {
  const { phase } = truth.host(name).disk.state;
  if (neverServed(truth, run, name)) return false;
  if (phase === 'down' || (phase !== 'armed' && isOpen(truth.host(name).disk.state))) return true;
  if (truth.notesOf(name).knownSick) return true;
  const plan = truth.planned(run, name);
  const untouched = phase === 'claimed' || phase === 'staged' || phase === 'armed';
  return untouched && plan?.condition.kind === 'out';
}

/** New when the plan was made, and not confirmed since. */
function neverServed(truth: Truth, run: RunNotes, name: HostName): boolean {
  const plan = truth.planned(run, name);
  if (plan?.condition.kind !== 'new') return false;
  return truth.host(name).disk.markers.get(plan.to)?.standing !== 'healthy';
}

/**
 * I5: no host of a wave is linked before the gate of the wave before has passed in this epoch: every
 * host that is on the release by then was found well after the last of that wave was settled.
 * Hosts that the run has lost are not asked, up to what it tolerates.
 */
export const wavesWaitForGates: Checker = (truth, seen) => {
  if (seen.kind !== 'transition' || seen.transition.kind !== 'link') return null;
  const { host, actor } = seen.transition;
  if (actor?.verb !== 'activate') return null;
  const run = truth.runOf(actor.run, host, actor.epoch);
  const plan = run && truth.planned(run, host);
  if (run === undefined || plan === undefined || plan.wave === 0) return null;
  const earlier = run.plan.hosts.filter(({ wave }) => wave < plan.wave);
  // What a switch has rolled back was lost to the run before, and the gate does not wait for it.
  const last = earlier.filter(
    (each) => each.wave === plan.wave - 1 && isOn(truth, each.host.name, each.to),
  );
  const decided = last.map((each) => truth.notesOf(each.host.name).decidedAt);
  const opened = Math.max(run.startedAt, ...decided);
  const unasked = earlier.filter((each) => isUnasked(truth, each.host.name, each.to, opened));
  if (unasked.length <= run.plan.limits.tolerateRun) return null;
  const names = unasked.map((each) => each.host.name).join(', ');
  return `wave ${plan.wave} begins, and ${names} was not found well since wave ${plan.wave - 1}`;
};

function isUnasked(truth: Truth, name: HostName, to: string, since: number): boolean {
  return isOn(truth, name, to) && truth.notesOf(name).probedWellAt < since;
}

function isOn(truth: Truth, name: HostName, to: string): boolean {
  const { disk } = truth.host(name);
  return disk.current === to || isOpen(disk.state);
}

/** I8: after a trip no further host is switched; one whose switch was sent before may be. */
export const tripStopsSwitches: Checker = (truth, seen) => {
  if (seen.kind !== 'transition' || seen.transition.kind !== 'link') return null;
  const { host, actor } = seen.transition;
  if (actor?.verb !== 'activate') return null;
  const run = truth.runOf(actor.run, host, actor.epoch);
  if (run?.stoppedAt == null) return null;
  const sent = run.switchSentAt.get(host) ?? Number.POSITIVE_INFINITY;
  return sent < run.stoppedAt ? null : `${host} is switched after the run was stopped`;
};

/** I9: `succeeded` means that every host was read again and is idle on `to`. */
export const successIsRead: Checker = (truth, seen) => {
  if (seen.kind !== 'event' || seen.event.type !== 'run-ended') return null;
  if (seen.event.state !== 'succeeded') return null;
  const { run } = seen.event;
  const notes = truth.runs.findLast(({ plan }) => plan.run === run);
  if (notes === undefined) return 'a run has ended that never began';
  for (const { host, to } of notes.plan.hosts) {
    const since = notes.finalizingAt ?? Number.POSITIVE_INFINITY;
    const reads = truth.notesOf(host.name).reads.filter(({ at }) => at >= since);
    if (reads.length === 0) return `${host.name} was not read again`;
    // Another run may have come and have read it too, before the answer was there.
    const found = reads.some(({ free, current }) => free && current === to);
    if (!found) return `${host.name} was not idle on ${to}`;
  }
  return null;
};

/** `rolled_back` and `aborted_clean` mean that every host of the run is idle where it came from. */
export const returnIsComplete: Checker = (truth, seen) => {
  if (seen.kind !== 'event' || seen.event.type !== 'run-ended') return null;
  const { state, run } = seen.event;
  if (state !== 'rolled_back' && state !== 'aborted_clean') return null;
  const notes = truth.runs.findLast(({ plan }) => plan.run === run);
  for (const { host, epoch, from } of notes?.plan.hosts ?? []) {
    const { disk } = truth.host(host.name);
    if (truth.notesOf(host.name).epoch > epoch) continue;
    if (disk.current !== from) return `${state}, and ${host.name} is on ${disk.current}`;
  }
  return null;
};
