import type { RunKind } from '../../../src/model/run-kind.js';
import { armTimer } from './arm-switch.js';
import type { Identities } from './disk.js';
import { keepForeign, keepLink } from './foreign.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { actOnService, unitsOf } from './service.js';
import { installUnitFile, keepUnitFile } from './unit-files.js';

export function* arm(run: ProgramRun): Doing {
  yield* run.lock();
  run.fence();
  const { args } = run;
  const from = args.text('from');
  const to = args.text('to') ?? '';
  const { phase } = run.state;
  if (phase === 'claimed' || phase === 'staged') run.own();
  else return repeatArm(run, from, to);
  if (!run.isComplete(to)) throw new StepRefusal('link_failed', `${to} is not complete`);
  refuseDrifted(run, to);
  if (run.disk.current !== from) throw new StepRefusal('moved', `current is ${run.disk.current}`);
  const kept = yield* keepLink(run);
  yield* keepUnitFile(run);
  const armed = yield* armTimer(run, `fleet-${run.txn}`);
  if (armed === null) {
    run.host.forgetRecipe(run.txn);
    throw new StepRefusal('dead_man_unavailable', `the switch cannot be armed`);
  }
  const fresh = { baseline: null, before: null, found: null, ...armed };
  const record = { kind: kindOf(args.text('kind')), ran: args.text('ran') ?? '' };
  const move = { txn: run.txn, from, to, ...record, ...kept };
  const synced = ['folders', 'recipes', 'links'] as const;
  yield* run.save({ phase: 'armed', ...move, ...fresh, ...run.renewed() }, synced);
  run.succeed();
}

/** Where the release was not sent in this run, it is compared with its manifest. */
function refuseDrifted({ args, disk }: ProgramRun, to: string): void {
  if (args.text('check') === null || !disk.drifted.has(to)) return;
  throw new StepRefusal('release_drifted', `release ${to} has changed`);
}

const kindOf = (text: string | null): RunKind | null =>
  text === 'deploy' || text === 'rollback' ? text : null;

function repeatArm(run: ProgramRun, from: string | null, to: string): void {
  const { phase, txn, from: wasFrom, to: wasTo } = run.state;
  const repeats = ['armed', 'linked', 'restarted', 'verified', 'idle'].includes(phase);
  if (!repeats || txn !== run.txn || wasFrom !== from || wasTo !== to) {
    throw run.wrongPhase(`phase ${phase} of transaction ${txn}`);
  }
  run.ownTxn();
  if (phase === 'idle' && !run.isConfirmed()) {
    throw run.wrongPhase(`transaction ${txn} was rolled back`);
  }
  run.refuseRebooted();
  run.succeed(true);
}

export function* activate(run: ProgramRun): Doing {
  yield* run.lock();
  run.ownTxn();
  const { phase } = run.state;
  if (phase !== 'armed' && phase !== 'linked') {
    if (phase === 'restarted' || phase === 'verified' || run.isConfirmed()) {
      return run.succeed(true);
    }
    throw run.wrongPhase(`phase ${phase}`);
  }
  const { from, to } = run.state;
  const { current } = run.disk;
  if (current !== from && current !== to) throw new StepRefusal('moved', `current is ${current}`);
  if (to === null || !run.isComplete(to)) throw new StepRefusal('link_failed', `${to} is broken`);
  yield* before('look', 15);
  if (unitsOf(run) === null) throw new StepRefusal('unit_unknown', 'a unit is not there');
  refuseUnarmed(run);
  yield* installUnitFile(run);
  const identities = identitiesOf(run);
  yield* keepForeign(run);
  if (current !== to) yield* linkCurrent(run, to);
  if (phase === 'armed') yield* run.note({ phase: 'linked', before: identities });
  try {
    yield* actOnService(run, 'service_failed');
  } catch (error) {
    if (error instanceof StepRefusal) run.append({ found: 'bad' });
    throw error;
  }
  yield* run.note({ phase: 'restarted' });
  run.succeed();
}

/** No host is linked unless its dead-man timer was seen waiting, and has time left. */
function refuseUnarmed(run: ProgramRun): void {
  if (run.host.broken.has('arms-nothing')) return;
  run.refuseRebooted();
  const { switch: armed, deadline } = run.state;
  if (armed === 'off') return;
  if (armed === null || !run.host.switches.waits(armed)) {
    throw new StepRefusal('not_armed', `the switch does not wait: ${armed}`);
  }
  if (run.host.uptimeSeconds < deadline) return;
  throw new StepRefusal('not_armed', 'the deadline is over');
}

/** What is known of each unit's process now. */
export function identitiesOf(run: ProgramRun): Identities {
  return new Map((unitsOf(run) ?? []).map((unit) => [unit.name, unit.identity]));
}

export function* linkCurrent(run: ProgramRun, release: string): Doing {
  yield* before('link', 2);
  run.failIfFull();
  const { current } = run.disk;
  run.host.write({ current: release }, []);
  run.tell({ kind: 'link', before: current, after: release });
  run.emit({ event: 'linked', release });
}

/** Where there was no release before, there is none after. */
export function* unlinkCurrent(run: ProgramRun): Doing {
  const { current } = run.disk;
  if (current === null) return;
  yield* before('unlink', 2);
  run.host.write({ current: null }, []);
  run.tell({ kind: 'link', before: current, after: null });
}
