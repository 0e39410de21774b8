import { tooManyFailuresTrip } from './invariants-failures.js';
import {
  hooksAreNotSkipped,
  hooksRunOnce,
  hostHooksAreNotSkipped,
  hostHooksRunOnce,
} from './invariants-hooks.js';
import {
  currentIsComplete,
  dryRunsWriteNothing,
  idleServesCurrent,
  linkedOnlyWhenArmed,
  linkedOnlyWithBackup,
  neededReleasesStay,
  olderEpochsAreFenced,
  overdueIsDecided,
  readersWriteNothing,
  unitFileFits,
  writersHoldTheLock,
} from './invariants-host.js';
import {
  budgetIsKept,
  outGoesFirst,
  recoveryTakesNothingOut,
  returnIsComplete,
  successIsRead,
  tripStopsSwitches,
  wavesWaitForGates,
} from './invariants-run.js';
import type { Observation, Truth } from './truth.js';

/** Looks at one thing that has just happened; a sentence where it must not have. */
export type Checker = (truth: Truth, seen: Observation) => string | null;

/** The invariants of DESIGN 6 by their numbers; I11 is that all others hold whatever is killed. */
const CHECKERS: readonly (readonly [name: string, check: Checker])[] = [
  ['I1', currentIsComplete],
  ['I2', idleServesCurrent],
  ['I3', olderEpochsAreFenced],
  ['I3', writersHoldTheLock],
  ['I4', budgetIsKept],
  ['I4', outGoesFirst],
  ['I4', recoveryTakesNothingOut],
  ['I5', wavesWaitForGates],
  ['I6', linkedOnlyWhenArmed],
  ['backup', linkedOnlyWithBackup],
  ['unit files', unitFileFits],
  ['I7', overdueIsDecided],
  ['I8', tripStopsSwitches],
  ['I8', tooManyFailuresTrip],
  ['I9', successIsRead],
  ['I9', returnIsComplete],
  ['I10', readersWriteNothing],
  ['I10', dryRunsWriteNothing],
  ['I12', neededReleasesStay],
  ['hooks', hooksRunOnce],
  ['hooks', hooksAreNotSkipped],
  ['hooks of hosts', hostHooksRunOnce],
  ['hooks of hosts', hostHooksAreNotSkipped],
];

/** What must not have happened, and did. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  /** Milliseconds of virtual time. */
  readonly at: number;
}

/** Every invariant that what has just happened breaks. */
export function judge(truth: Truth, seen: Observation, at: number): readonly Violation[] {
  const found: Violation[] = [];
  for (const [invariant, check] of CHECKERS) {
    const message = check(truth, seen);
    if (message === null) continue;
    found.push({ invariant, message: `${hostOf(seen)}${message}`, at });
  }
  return found;
}

function hostOf(seen: Observation): string {
  switch (seen.kind) {
    case 'transition':
      return `${seen.transition.host}: `;
    case 'event':
    case 'local-hook':
    case 'stored':
      return '';
    default:
      return `${seen.host}: `;
  }
}
