import type { PlanView } from '../../model/runs/plan-view.js';
import type { RunPhase } from '../../model/runs/run.js';
import type { PhaseKey, PhaseRow } from './phase-row.js';
import type { PhaseView, View } from './view.js';

const PREFLIGHT: PhaseKey = { phase: 'preflight', wave: null };

/** The phases that a view knows, in order: preflight, then those of its plan. */
export function phaseKeys(view: View): readonly PhaseKey[] {
  return view.header === null ? [PREFLIGHT] : [PREFLIGHT, ...keysOf(view.header.plan)];
}

/** The row of a phase; null if nothing of it is shown yet. */
export function rowOf(view: View, key: PhaseKey): PhaseRow | null {
  const state = stateOf(view, key);
  const isIdle = state === 'waiting' || state === 'skipped';
  return isIdle && OPTIONAL.has(key.phase) ? null : { ...key, state };
}

/** Whether a phase is over, or will never begin. */
export function isSettled(view: View, key: PhaseKey): boolean {
  const state = stateOf(view, key);
  return state !== 'waiting' && state !== 'active';
}

/** Phases that a successful run does not have: they have no row before they begin. */
const OPTIONAL: ReadonlySet<RunPhase> = new Set(['stopping', 'rolling-back']);

function keysOf(plan: PlanView): readonly PhaseKey[] {
  return [
    { phase: 'claiming', wave: null },
    // If every host has the release already, nothing is staged.
    ...(plan.uploads > 0 ? [{ phase: 'staging' as const, wave: null }] : []),
    ...Array.from({ length: plan.waves }, (_, wave) => ({ phase: 'wave' as const, wave })),
    { phase: 'stopping', wave: null },
    { phase: 'rolling-back', wave: null },
    { phase: 'finalizing', wave: null },
  ];
}

function stateOf(view: View, key: PhaseKey): PhaseRow['state'] {
  if (key.phase === 'preflight') return preflightState(view);
  const began = view.phases.findLast((phase) => isOf(phase, key));
  const isPassed = view.end !== null || view.isOver || hasLaterBegun(view, key);
  if (began === undefined) return isPassed ? 'skipped' : 'waiting';
  if (began.hasFailed) return 'failed';
  if (began.endedAt !== null || hasLaterBegun(view, key)) return 'done';
  return view.isOver ? 'failed' : 'active';
}

/** Failed hosts may be skipped. So whether preflight failed is known once a run starts, or cannot start. */
function preflightState({ preflight, header, isOver }: View): PhaseRow['state'] {
  if (header !== null) return 'done';
  if (preflight === null) return 'waiting';
  if (!isOver) return 'active';
  const isWhole = preflight.failed === 0 && preflight.answered === preflight.hosts.length;
  return isWhole ? 'done' : 'failed';
}

const isOf = (phase: PhaseView, key: PhaseKey): boolean =>
  phase.phase === key.phase && phase.wave === key.wave;

/** A phase that begins ends the phases before it, or skips them. */
function hasLaterBegun(view: View, key: PhaseKey): boolean {
  const last = view.phases.at(-1);
  if (last === undefined) return false;
  const later = ORDER.indexOf(last.phase) - ORDER.indexOf(key.phase);
  return later > 0 || (later === 0 && (last.wave ?? 0) > (key.wave ?? 0));
}

const ORDER: readonly RunPhase[] = [
  'preflight',
  'claiming',
  'staging',
  'wave',
  'stopping',
  'rolling-back',
  'finalizing',
];
