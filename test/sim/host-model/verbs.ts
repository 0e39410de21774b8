import type { Step } from '../../../src/host/protocol/protocol.js';
import type { Verb } from '../../../src/model/runs/verb.js';
import type { Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { units } from './unit-files.js';
import { backup, restore } from './verbs-backup.js';
import { adopt, claim, renew, unclaim } from './verbs-claim.js';
import { confirm, guard, revert } from './verbs-decide.js';
import { hook } from './verbs-hook.js';
import { prune } from './verbs-prune.js';
import { facts, status } from './verbs-read.js';
import { stage } from './verbs-stage.js';
import { activate, arm } from './verbs-switch.js';
import { probe, verify } from './verbs-verify.js';

const VERBS: Readonly<Record<Verb, (run: ProgramRun) => Doing>> = {
  facts,
  claim,
  adopt,
  renew,
  stage,
  units,
  check_units: outsideOfRuns,
  backup,
  restore,
  hook,
  arm,
  activate,
  verify,
  probe,
  confirm,
  revert,
  unclaim,
  prune,
  status,
  manifest: outsideOfRuns,
  guard,
  install_guard: outsideOfRuns,
  remove_guard: outsideOfRuns,
  log_exec: outsideOfRuns,
  inspect: outsideOfRuns,
  digest: outsideOfRuns,
  register: outsideOfRuns,
  relink: outsideOfRuns,
  compare: outsideOfRuns,
};

/** Whether a host has a guard is a matter of its making here; no run logs a command or adopts, and plans read releases. */
function outsideOfRuns(): never {
  throw new Error(
    'no run installs or removes a guard, logs a command, adopts, compares, checks units, or reads a manifest',
  );
}

/** Each verb in turn; the first that fails ends the call. */
export function* runVerbs(run: ProgramRun, steps: readonly Step[]): Doing {
  for (const step of steps) {
    run.begin(step);
    try {
      yield* VERBS[step.verb](run);
    } catch (error) {
      if (!(error instanceof StepRefusal)) throw error;
      return run.refuse(error);
    }
  }
}
