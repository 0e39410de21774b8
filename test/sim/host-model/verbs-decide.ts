import { type Armed, armTimer } from './arm-switch.js';
import type { Marker, StateFile } from './disk.js';
import { endTimer } from './end-switch.js';
import { isKept } from './foreign.js';
import { before, type Doing } from './pause.js';
import { isOpen, type ProgramRun, StepRefusal, SYNCED_AT_END } from './program.js';
import { actOnService, stopService } from './service.js';
import { restoreUnitFile } from './unit-files.js';
import { identitiesOf, linkCurrent, unlinkCurrent } from './verbs-switch.js';
import { type Miss, watch } from './verbs-verify.js';

export function* confirm(run: ProgramRun): Doing {
  yield* run.lock();
  run.ownTxn();
  if (run.state.phase !== 'verified') {
    if (!run.isConfirmed()) throw run.wrongPhase(`phase ${run.state.phase}`);
    return run.succeed(true);
  }
  run.refuseRebooted();
  yield* mark(run, run.state.to, 'healthy');
  yield* decide(run, { phase: 'idle', prior: 'idle', left: run.state.to, ...run.renewed() });
  run.succeed();
}

export function* revert(run: ProgramRun): Doing {
  yield* run.lock();
  if (!run.args.flag('guard')) run.fence();
  if (run.state.txn !== run.txn) return revertNothing(run);
  if (run.args.flag('guard')) return yield* revertBySwitch(run);
  if (isOpen(run.state)) {
    run.own();
  } else {
    const { phase } = run.state;
    if (phase !== 'down' && phase !== 'idle') throw run.wrongPhase(`phase ${phase}`);
    if (isReverted(run)) return run.succeed(true);
    run.own();
  }
  yield* revertTransaction(run);
}

/** A transaction whose arming failed was never recorded, and has changed nothing. */
function revertNothing(run: ProgramRun): void {
  const { phase } = run.state;
  if (run.args.flag('guard') || (phase !== 'claimed' && phase !== 'staged')) {
    throw run.wrongPhase(`transaction ${run.txn} is not the one here`);
  }
  run.own();
  run.succeed(true);
}

/** The switch has its transaction and nothing else; the rest was written down when it was armed. */
function* revertBySwitch(run: ProgramRun): Doing {
  if (!isOpen(run.state)) return run.succeed(true);
  run.takeRecipe();
  yield* revertTransaction(run);
}

function* revertTransaction(run: ProgramRun): Doing {
  const { phase, from, prior, to } = run.state;
  if (phase === 'armed' && run.disk.current === from) {
    yield* restoreUnitFile(run);
    yield* decide(run, { phase: prior });
  } else if (run.args.text('mode') === 'hold') {
    yield* mark(run, to, 'bad');
    yield* decide(run, { phase: 'down', left: run.disk.current });
  } else {
    yield* takeBack(run);
  }
  run.succeed();
}

/** This transaction has been rolled back, or held, already. */
function isReverted(run: ProgramRun): boolean {
  const { phase, from } = run.state;
  if (phase === 'idle') return run.disk.current === from;
  return run.args.text('mode') === 'hold' || run.isOver();
}

function* takeBack(run: ProgramRun): Doing {
  const { from } = run.state;
  yield* refuseMoved(run);
  const armed = yield* guardWayBack(run);
  run.host.reverter = run.process;
  const found = isFoundByRun(run) ? 'bad' : run.state.found;
  yield* run.note({ phase: 'reverting', found, ...armed });
  yield* before('look', 15);
  yield* restoreLink(run);
  yield* restoreUnitFile(run);
  try {
    if (from === null || run.state.back === 'none') {
      yield* stopService(run);
    } else {
      run.state = { ...run.state, before: identitiesOf(run) };
      yield* actOnService(run, 'host_down');
      const miss = yield* watchReverted(run, from);
      if (miss !== null) throw new StepRefusal('host_down', miss.message);
      run.state = { ...run.state, baseline: identitiesOf(run) };
    }
  } catch (error) {
    if (error instanceof StepRefusal && error.code === 'host_down') yield* endDown(run, error);
    throw error;
  }
  yield* decide(run, { phase: 'idle', baseline: run.state.baseline, left: from });
}

/** The timer, the boot guard and a recovery only end what was interrupted. */
const isFoundByRun = ({ args }: ProgramRun): boolean =>
  !args.flag('guard') && args.text('mode') === 'back';

/** A host that was confirmed has no switch any more, and its way back is to end as well. */
function* guardWayBack(run: ProgramRun): Doing<Partial<Armed>> {
  const tier = run.args.text('switch');
  if (isOpen(run.state) || tier === null || tier === 'off') return {};
  const armed = yield* armTimer(run, `fleet-${run.txn}-back`);
  if (armed !== null) return armed;
  run.emit({ event: 'note', message: 'no automatic rollback timer during the rollback' });
  return {};
}

/** `current` is where this transaction has put it, or not there. */
function* refuseMoved(run: ProgramRun): Doing {
  const { from, to } = run.state;
  const { current } = run.disk;
  if (current !== from && current !== to && current !== null) {
    throw new StepRefusal('moved', `current is ${current}, neither ${from} nor ${to}`);
  }
  if (from === null || run.state.back === 'none') return;
  if (run.isComplete(from) || isKept(run.disk, from)) return;
  yield* endDown(run, new StepRefusal('host_down', `release ${from} is not complete`));
}

/** `current` as it was before the transaction, whose release is bad where it was found so. */
function* restoreLink(run: ProgramRun): Doing {
  const { from, to } = run.state;
  if (from === null) yield* unlinkCurrent(run);
  else if (run.disk.current !== from) yield* linkCurrent(run, from);
  if (from !== to && run.state.found === 'bad') yield* mark(run, to, 'bad');
}

/** Waiting is not done under the lock; what was settled meanwhile counts. */
function* watchReverted(run: ProgramRun, from: string): Doing<Miss | null> {
  run.unlock();
  const miss = yield* watch(run, from, isKept(run.disk, from) ? 'units' : 'all');
  yield* run.lock();
  yield* awaitReverter(run);
  if (!run.args.flag('guard')) run.fence();
  const { phase, txn } = run.state;
  const ours = txn === run.txn;
  if (ours && phase === 'reverting') return miss;
  if (ours && phase === 'idle' && run.disk.current === from) return null;
  throw run.wrongPhase(`phase ${phase}: another step settled it meanwhile`);
}

/** Whoever took over from this step settles the transaction, as long as they live. */
function* awaitReverter(run: ProgramRun): Doing {
  const takenOver = (): boolean => {
    const { reverter, steps } = run.host;
    return reverter !== null && reverter !== run.process && steps.has(reverter);
  };
  while (run.state.phase === 'reverting' && run.state.txn === run.txn && takenOver()) {
    run.unlock();
    yield* before('wait for the other way back', 500);
    yield* run.lock();
  }
}

function* endDown(run: ProgramRun, why: StepRefusal): Doing {
  if (run.state.phase !== 'reverting') yield* run.note({ phase: 'reverting' });
  yield* decide(run, { phase: 'down', left: run.disk.current });
  throw new StepRefusal('host_down', why.message);
}

/** The end of a transaction, after which its switch finds nothing to do. */
function* decide(run: ProgramRun, change: Partial<StateFile>): Doing {
  const armed = run.state.switch;
  yield* run.save({ ...change, switch: null, deadline: 0 }, SYNCED_AT_END);
  yield* endTimer(run, armed);
}

/** Keeps when the release got the standing that it has already. */
function* mark(run: ProgramRun, id: string | null, standing: Marker['standing']): Doing {
  const marker = id === null ? undefined : run.disk.markers.get(id);
  if (id === null || marker === undefined || marker.standing === standing) return;
  yield* before('mark', 2);
  run.failIfFull();
  const since = run.args.text('since') ?? marker.since;
  const by = run.run || (run.state.run ?? marker.run);
  const marked = { ...marker, standing, since, run: by };
  run.host.write({ markers: new Map(run.disk.markers).set(id, marked) }, []);
  run.tell({ kind: 'written', what: 'a marker' });
}

/** At boot, before the app's units: what was open when the host went down is rolled back by link alone. */
export function* guard(run: ProgramRun): Doing {
  yield* run.lock();
  if (!run.isRebooted()) return run.succeed(true);
  if (run.state.phase === 'armed' && run.disk.current === run.state.from) {
    yield* restoreUnitFile(run);
    yield* decide(run, { phase: run.state.prior });
  } else {
    yield* refuseMoved(run);
    yield* restoreLink(run);
    yield* restoreUnitFile(run);
    yield* decide(run, { phase: 'idle', baseline: null, left: run.state.from });
  }
  run.succeed();
}
