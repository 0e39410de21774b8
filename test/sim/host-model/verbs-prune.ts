import { isKnownForeign } from './foreign.js';
import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

export function* prune(run: ProgramRun): Doing {
  yield* run.lock();
  run.fence();
  if (run.isOver()) return run.succeed(true);
  run.own();
  const { phase } = run.state;
  if (phase !== 'idle' && phase !== 'claimed') throw run.wrongPhase(`phase ${phase}`);
  for (const id of run.args.all('remove')) {
    if (!run.disk.markers.has(id)) continue;
    const why = run.host.broken.has('prunes-anything') ? null : protection(run, id);
    if (why === null) yield* pruneOne(run, id);
    else run.emit({ event: 'note', message: `kept release ${id}: ${why}` });
  }
  run.unlock();
  yield* before('delete', run.host.random.between(1, 500));
  yield* run.lock();
  run.succeed();
}

/** The release is renamed away first: what can be seen of it is whole, until nothing is. */
function* pruneOne(run: ProgramRun, id: string): Doing {
  yield* before('prune', 2);
  const folders = new Map(run.disk.folders);
  folders.delete(id);
  run.host.write({ folders }, []);
  run.tell({ kind: 'release-removed', release: id });
  if (run.disk.unitFiles.has(id)) {
    yield* before('prune the unit file');
    const unitFiles = new Map(run.disk.unitFiles);
    unitFiles.delete(id);
    run.host.write({ unitFiles }, []);
  }
  yield* before('prune the marker');
  const markers = new Map(run.disk.markers);
  markers.delete(id);
  run.host.write({ markers }, []);
  run.tell({ kind: 'written', what: 'a marker' });
}

function protection(run: ProgramRun, id: string): string | null {
  if (isKnownForeign(run.disk, id)) return 'fleet did not make it';
  if (id === run.disk.current) return 'it is current';
  if (id === run.state.from) return 'the last run came from it';
  if (id === run.state.to) return 'the last run went to it';
  const runs = [...run.host.units.values()].some((unit) => unit.serving === id);
  return runs ? 'a process runs from it' : null;
}
