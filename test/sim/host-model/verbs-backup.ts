import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { leaveTurn, takeTurn } from './turn.js';

/** Copying and the command are slow, and not done under the lock. */
export function* backup(run: ProgramRun): Doing {
  yield* run.lock();
  if (!mayBackUp(run)) return;
  if (run.host.broken.has('takes-no-backup')) return run.succeed();
  run.failIfFull();
  run.unlock();
  yield* takeTurn(run, run.args.number('timeout_ms'));
  yield* before('copy', run.host.random.between(20, 3000));
  run.failIfFull();
  yield* run.lock();
  if (!mayBackUp(run)) return;
  yield* before('rename');
  run.host.write({ backups: new Set([...run.disk.backups, run.txn]) }, ['backups']);
  run.tell({ kind: 'written', what: 'a backup' });
  leaveTurn(run);
  run.succeed();
}

/** False if this transaction has its backup already, and the answer was repeated. */
function mayBackUp(run: ProgramRun): boolean {
  run.fence();
  if (run.disk.backups.has(run.txn)) {
    run.succeed(true);
    return false;
  }
  return isBeforeSwitch(run);
}

function isBeforeSwitch(run: ProgramRun): boolean {
  const { phase } = run.state;
  if (phase !== 'claimed' && phase !== 'staged') throw run.wrongPhase(`phase ${phase}`);
  run.own();
  return true;
}

/** The files that it brings back are no part of the model. */
export function* restore(run: ProgramRun): Doing {
  yield* run.lock();
  if (!mayRestore(run)) return;
  if (!run.disk.backups.has(run.args.text('backup') ?? '')) {
    throw new StepRefusal('backup_unknown', 'there is no such backup');
  }
  run.unlock();
  yield* takeTurn(run, run.args.number('timeout_ms'));
  yield* before('copy', run.host.random.between(20, 3000));
  yield* run.lock();
  if (!mayRestore(run)) return;
  yield* before('rename');
  run.host.write({ restored: run.txn }, ['restored']);
  leaveTurn(run);
  run.succeed();
}

/** False if this transaction has restored a backup already, and the answer was repeated. */
function mayRestore(run: ProgramRun): boolean {
  run.fence();
  if (run.disk.restored === run.txn) {
    run.succeed(true);
    return false;
  }
  return isBeforeSwitch(run);
}
