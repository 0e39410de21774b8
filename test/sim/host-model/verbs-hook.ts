import type { HookEntry } from './disk.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { leaveTurn, takeTurn } from './turn.js';

export function* hook(run: ProgramRun): Doing {
  yield* run.lock();
  ownHook(run);
  const key = `${run.run}/${run.args.text('key')}`;
  run.unlock();
  yield* takeTurn(run, run.args.number('within_ms'));
  yield* run.lock();
  ownHook(run);
  const entry = entryOf(run, key);
  if (entry === 'started') throw new StepRefusal('hook_interrupted', 'it was interrupted');
  if (entry !== undefined) return answer(run, entry);
  if (run.host.broken.has('skips-hooks')) return run.succeed();
  run.failIfFull();
  yield* before('hook-record', 2);
  note(run, key, 'started');
  run.unlock();
  run.tell({ kind: 'hook-began', key });
  yield* before('hook', run.host.random.between(10, 4000));
  const exit = run.host.failsHook(run.args.text('command') ?? '') ? 1 : 0;
  run.tell({ kind: 'hook-ended', key, exit });
  note(run, key, exit);
  leaveTurn(run);
  yield* run.lock();
  ownHook(run);
  answer(run, exit);
}

/** What is written of it. */
function entryOf({ host, disk }: ProgramRun, key: string): HookEntry | undefined {
  return host.broken.has('forgets-hooks') ? undefined : disk.hooks.get(key);
}

function note(run: ProgramRun, key: string, entry: HookEntry): void {
  run.host.write({ hooks: new Map(run.disk.hooks).set(key, entry) }, ['hooks']);
}

function answer(run: ProgramRun, exit: number): void {
  if (exit !== 0) throw new StepRefusal('hook_failed', `exit ${exit}`);
  run.succeed();
}

function ownHook(run: ProgramRun): void {
  const { phase } = run.state;
  switch (run.args.text('point')) {
    case 'after_run':
    case 'on_failure':
      run.fence();
      if (run.state.epoch !== run.epoch) throw run.wrongPhase('another run has had this host');
      return;
    case 'after_activate':
      run.ownTxn();
      if (phase !== 'verified') throw run.wrongPhase(`phase ${phase}`);
      return;
    case 'before_activate':
      run.own();
      if (phase !== 'claimed' && phase !== 'staged') throw run.wrongPhase(`phase ${phase}`);
      return;
    default:
      run.own();
  }
}
