import { STEP_EXIT } from '../../../src/host/protocol/protocol.js';
import { endTimer } from './end-switch.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { restoreUnitFile } from './unit-files.js';

export function* claim(run: ProgramRun): Doing {
  yield* run.lock();
  run.fence();
  if (run.epoch === run.state.epoch && !run.host.broken.has('takes-any-epoch')) {
    if (run.state.run !== run.run) throw givenOut();
    refuseTwin(run);
    return run.succeed(true);
  }
  if (run.state.phase !== 'idle' && run.state.phase !== 'down') run.own();
  if (run.disk.current !== run.args.text('expect')) {
    throw new StepRefusal('moved', `current is ${run.disk.current ?? 'absent'}`);
  }
  yield* sweep(run);
  const prior = run.state.phase === 'down' ? 'down' : 'idle';
  const { epoch, run: name } = run;
  const owner = run.args.text('owner');
  const tenure = { epoch, run: name, owner, mark: run.txn, ...run.renewed() };
  yield* run.save({ phase: 'claimed', prior, ...tenure }, []);
  run.succeed();
}

/** Another host of the same run that has come to the same root. */
function refuseTwin({ state: { mark }, txn }: ProgramRun): void {
  if (mark !== null && mark !== txn) throw new StepRefusal('same_machine', 'one root, two names');
}

const givenOut = (): StepRefusal =>
  new StepRefusal('fenced', 'this epoch was given out already', STEP_EXIT.fenced);

/** What killed steps of other transactions have left; of the model's parts only recipes are. */
function* sweep(run: ProgramRun): Doing {
  if (run.disk.recipes.size === 0) return;
  yield* before('sweep');
  run.host.write({ recipes: new Map() }, []);
}

/** Takes over what a run has left, as it is. */
export function* adopt(run: ProgramRun): Doing {
  yield* run.lock();
  run.fenceEpoch();
  const { state, args } = run;
  if (run.epoch === state.epoch && !run.host.broken.has('takes-any-epoch')) {
    if (state.run !== run.run) throw givenOut();
    return run.succeed(true);
  }
  if (state.run !== null) {
    if (state.run !== run.run && state.run !== args.text('over')) run.refuseClaimed();
    if (!args.flag('force') && run.leaseLeft() > 0) run.refuseClaimed();
  }
  const tenure = { epoch: run.epoch, run: run.run, owner: args.text('owner') };
  yield* run.save({ ...tenure, ...run.renewed() }, []);
  run.succeed();
}

export function* renew(run: ProgramRun): Doing {
  yield* run.lock();
  run.own();
  yield* run.note(run.renewed());
  run.succeed();
}

export function* unclaim(run: ProgramRun): Doing {
  yield* run.lock();
  run.fence();
  if (run.state.run === null) return run.succeed(true);
  if (run.host.broken.has('keeps-claims')) return run.succeed();
  const phase = unclaimedPhase(run);
  if (run.state.phase === 'armed') yield* restoreUnitFile(run);
  const armed = run.state.switch;
  yield* run.note({ phase, run: null, owner: null, switch: null });
  yield* endTimer(run, armed);
  run.succeed();
}

function unclaimedPhase(run: ProgramRun): 'idle' | 'down' {
  const { phase, prior, to, from, txn } = run.state;
  switch (phase) {
    case 'idle':
    case 'down':
      return phase;
    case 'claimed':
    case 'staged':
      return prior;
    case 'armed':
      if (run.disk.current !== to || from === to) return prior;
      throw run.wrongPhase(`transaction ${txn} is linked and unfinished`);
    default:
      throw run.wrongPhase(`transaction ${txn} is unfinished: phase ${phase}`);
  }
}
