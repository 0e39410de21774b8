import type { ReleaseMeta } from '../../../src/model/releases/release.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';

export function* stage(run: ProgramRun): Doing {
  yield* run.lock();
  if (!mayStage(run)) return;
  const id = run.args.text('id') ?? '';
  if (!isThere(run, id) && !(yield* bring(run, id))) return;
  if (run.state.phase !== 'staged') yield* run.note({ phase: 'staged' });
  run.succeed();
}

/** False where the transaction has come further meanwhile, and the answer was given again. */
function* bring(run: ProgramRun, id: string): Doing<boolean> {
  if (run.args.number('bytes') === 0) throw mismatch(`release ${id} is not on this host`);
  run.failIfFull();
  run.unlock();
  yield* before('spool', run.host.random.between(50, 2000));
  if (!run.connected) throw mismatch('received less than was sent');
  yield* run.lock();
  if (!mayStage(run)) return false;
  if (isThere(run, id)) return true;
  const base = run.args.text('base');
  // The one file that may have changed in it is among what was sent.
  if (base !== null && !run.isComplete(base)) {
    throw new StepRefusal('base_changed', `release ${base} is not on this host`);
  }
  yield* before('unpack', run.host.random.between(20, 300));
  run.failIfFull();
  run.tell({ kind: 'written', what: 'the unpacked tree' });
  yield* publish(run, id);
  return true;
}

const mismatch = (message: string) => new StepRefusal('digest_mismatch', message);

/** False where this transaction has come further already, and the answer was given again. */
function mayStage(run: ProgramRun): boolean {
  run.fence();
  const { phase, txn, to } = run.state;
  if (phase === 'claimed' || phase === 'staged') {
    run.own();
    return true;
  }
  const id = run.args.text('id') ?? '';
  if (txn !== run.txn || to !== id || !run.isComplete(id)) throw run.wrongPhase(`phase ${phase}`);
  run.succeed(true);
  return false;
}

/** Under a release's name is either that release with its digest, or nothing may be done. */
function isThere(run: ProgramRun, id: string): boolean {
  if (!run.disk.folders.has(id)) return false;
  if (!run.isComplete(id)) throw new StepRefusal('release_exists', `releases/${id} is there`);
  if (run.disk.markers.get(id)?.meta.digest === run.args.text('digest')) return true;
  throw mismatch(`releases/${id} exists with another digest`);
}

/** The marker first, then the folder by rename: what can be seen is whole and known. */
function* publish(run: ProgramRun, id: string): Doing {
  const since = run.args.text('since') ?? '';
  const meta = metaOf(run.args.text('meta'));
  const marker = { standing: 'staged', since, run: run.run, meta } as const;
  yield* before('marker');
  run.host.write({ markers: new Map(run.disk.markers).set(id, marker) }, ['markers']);
  run.tell({ kind: 'written', what: 'a marker' });
  yield* before('rename', 3);
  const drifted = new Set([...run.disk.drifted].filter((other) => other !== id));
  run.host.write({ folders: new Map(run.disk.folders).set(id, 'whole'), drifted }, []);
  run.tell({ kind: 'release-published', release: id });
}

/** What the step was given, as it will be given back. */
function metaOf(text: string | null): ReleaseMeta {
  const meta: ReleaseMeta = JSON.parse(text ?? '{}');
  return meta;
}
