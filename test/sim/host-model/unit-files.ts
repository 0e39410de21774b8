import type { Disk } from './disk.js';
import { before, type Doing } from './pause.js';
import type { ProgramRun } from './program.js';

/** `56-unit-files.sh`, with one unit file. Each part is synced as it is written. */

export function* units(run: ProgramRun): Doing {
  yield* run.lock();
  run.fence();
  const { phase } = run.state;
  if (phase !== 'claimed' && phase !== 'staged') {
    run.ownTxn();
    return run.succeed(true);
  }
  run.own();
  yield* before('bring the unit file', 3);
  const id = run.args.text('id') ?? '';
  const text = `${run.args.all('unit_line').join('\n')}\n`;
  write(run, { unitNext: { txn: run.txn, id, text } });
  run.succeed();
}

/** Those that this transaction has brought for a release. */
function nextOf({ disk: { unitNext } }: ProgramRun, txn: string | null, id: string | null) {
  return unitNext?.txn === txn && unitNext.id === id ? unitNext : null;
}

/** Before the transaction is recorded: what it would replace. */
export function* keepUnitFile(run: ProgramRun): Doing {
  const to = run.args.text('to') ?? '';
  const from = run.args.text('from');
  const { unitFile, unitFiles, unitBack } = run.disk;
  if (nextOf(run, run.txn, to) === null && !unitFiles.has(to)) {
    if (unitBack !== null) write(run, { unitBack: null });
    return;
  }
  yield* before('keep the unit file', 2);
  write(run, { unitBack: { txn: run.txn, text: unitFile } });
  if (unitFile === null || from === null || unitFiles.has(from)) return;
  yield* before('keep it as that of the release', 2);
  write(run, { unitFiles: new Map(unitFiles).set(from, unitFile) });
}

const backOf = ({ disk: { unitBack }, state: { txn } }: ProgramRun) =>
  unitBack?.txn === txn ? unitBack : null;

export function* installUnitFile(run: ProgramRun): Doing {
  if (backOf(run) === null) return;
  const { txn, to } = run.state;
  const next = nextOf(run, txn, to);
  if (next !== null) {
    yield* before('take the unit file', 2);
    const unitFiles = new Map(run.disk.unitFiles).set(next.id, next.text);
    write(run, { unitFiles, unitNext: null });
  }
  const text = run.disk.unitFiles.get(to ?? '') ?? null;
  if (run.disk.unitFile === text) return;
  yield* before('install the unit file', 2);
  write(run, { unitFile: text });
}

export function* restoreUnitFile(run: ProgramRun): Doing {
  const back = backOf(run);
  if (back === null || run.host.broken.has('keeps-the-unit-file')) return;
  const { from, to } = run.state;
  if (run.disk.unitFiles.has(to ?? '') && run.disk.unitFile !== back.text) {
    yield* before('restore the unit file', 2);
    write(run, { unitFile: back.text });
  }
  if (from !== to || to === null || back.text === null) return;
  if (run.disk.unitFiles.get(to) === back.text) return;
  yield* before('the release has its own again', 2);
  write(run, { unitFiles: new Map(run.disk.unitFiles).set(to, back.text) });
}

function write(run: ProgramRun, change: Partial<Disk>): void {
  run.failIfFull();
  run.host.write(change, Object.keys(change) as (keyof Disk)[]);
  run.tell({ kind: 'written', what: 'a unit file' });
}
