import { hooksAt, hooksFor, turnOf } from '../../src/model/runs/hooks/hook-turns.js';
import { type HookNotes, turnOfKey } from './hook-log.js';
import type { Checker } from './invariants.js';
import type { Truth } from './truth.js';

/** A hook of a wave or of the run that has ended well, or that still runs, never begins again. */
export const hooksRunOnce: Checker = (truth, seen) => {
  const begun = hookBegun(seen);
  if (begun === null) return null;
  const twice = truth.hooks.entries.find(
    (each) => each.run === begun.run && each.turn === begun.turn && each.exit !== 'failed',
  );
  if (twice === undefined || isClosing(begun.turn) || twice.isLost) return null;
  return `hook ${begun.turn} of ${begun.run} begins again; it ${twice.exit === null ? 'still runs' : 'has ended'}`;
};

/** A hook of one host never begins twice under one key, however often it is asked for. */
export const hostHooksRunOnce: Checker = (truth, seen) => {
  if (seen.kind !== 'transition' || seen.transition.kind !== 'hook-began') return null;
  const { host, key } = seen.transition;
  return truth.hooks.onHost(host, key) === 'none' ? null : `hook ${key} begins again`;
};

/** No host is activated before its own hooks have ended, nor confirmed before those after its activation. */
export const hostHooksAreNotSkipped: Checker = (truth, seen) => {
  if (seen.kind !== 'transition' || seen.transition.actor === null) return null;
  const { host, actor, kind } = seen.transition;
  const point =
    kind === 'link' && actor.verb === 'activate'
      ? 'before_activate'
      : kind === 'phase' && actor.verb === 'confirm'
        ? 'after_activate'
        : null;
  const run = point && truth.runOf(actor.run, host, actor.epoch);
  const planned = run && truth.planned(run, host);
  if (point === null || run == null || planned == null) return null;
  const keys = hooksFor(run.plan, point, planned)
    .filter(({ where }) => where === 'host')
    .map(({ id }) => `${actor.run}/${id}.${actor.txn}`);
  const left = keys.find((key) => truth.hooks.onHost(host, key) !== 'ended');
  return left === undefined ? null : `hook ${left} was skipped`;
};

/**
 * No host is activated before the hooks that come first have ended, and no run succeeds without all. One that only
 * warns may have been refused, where it was said.
 */
export const hooksAreNotSkipped: Checker = (truth, seen) => {
  if (seen.kind === 'transition') {
    const { kind, actor, host } = seen.transition;
    if (kind !== 'link' || actor?.verb !== 'activate') return null;
    const run = truth.runOf(actor.run, host, actor.epoch);
    const wave = run && truth.planned(run, host)?.wave;
    if (run === undefined || wave === undefined) return null;
    const turns = (['run', 'wave'] as const).flatMap((per) =>
      hooksAt(run.plan, 'before_activate', per).map((hook) => turnOf(hook, wave)),
    );
    return missing(truth, actor.run, turns);
  }
  if (seen.kind !== 'event' || seen.event.type !== 'run-ended') return null;
  const { state, run, hosts } = seen.event;
  const notes = truth.runs.findLast(({ plan }) => plan.run === run);
  if (state !== 'succeeded' || notes === undefined || hosts.length === 0) return null;
  const waves = [...new Set(notes.plan.hosts.map(({ wave }) => wave))];
  const turns = [
    ...hooksAt(notes.plan, 'after_confirm', 'run').map((hook) => turnOf(hook, 0)),
    ...hooksAt(notes.plan, 'after_run', 'run').map((hook) => turnOf(hook, 0)),
    ...waves.flatMap((wave) =>
      hooksAt(notes.plan, 'after_confirm', 'wave').map((hook) => turnOf(hook, wave)),
    ),
  ];
  return notes.plan.hosts.length === 0 ? null : missing(truth, run, turns);
};

function missing(truth: Truth, run: string, turns: readonly string[]): string | null {
  const ran = (turn: string): boolean =>
    truth.hooks.entries.some(
      (each) => each.run === run && each.turn === turn && each.exit !== null,
    );
  const left = turns.find((turn) => !ran(turn) && !truth.hooks.isWarnedOf(run, turn));
  return left === undefined ? null : `hook ${left} of ${run} was skipped`;
}

const isClosing = (turn: string): boolean => /^(after_run|on_failure)-/.test(turn);

/** The hook of a wave or of the run that has just begun. */
function hookBegun(seen: Parameters<Checker>[1]): Pick<HookNotes, 'run' | 'turn'> | null {
  if (seen.kind === 'local-hook') {
    const { run, turn, exit } = seen.hook;
    return exit === null && turn !== null ? { run, turn } : null;
  }
  if (seen.kind !== 'transition' || seen.transition.kind !== 'hook-began') return null;
  return turnOfKey(seen.transition.key);
}
