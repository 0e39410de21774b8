import type { Violation } from './checker.js';
import { CHAOS_HOOKS, type HookLine, type HookRecord } from './hooks.js';
import type { Transition } from './host-state.js';
import type { RunJournal } from './journals.js';

/** All that hooks and fleet have written down of them. */
export interface HookEvidence {
  readonly journals: readonly RunJournal[];
  readonly lines: readonly HookLine[];
  readonly records: readonly HookRecord[];
  /** The log of each host. */
  readonly logs: ReadonlyMap<string, readonly Transition[]>;
}

const ONCE = CHAOS_HOOKS.filter(({ per }) => per !== 'host');
const isClosing = (point: string): boolean => point === 'after_run' || point === 'on_failure';
const turnFor = (id: string, wave: string): string => (wave === '-' ? id : `${id}.wave${wave}`);

/** Hooks ran as often as their records say, and none was left out before a link moved. */
export function judgeHooks(seen: HookEvidence): readonly Violation[] {
  const wrong = [
    ...seen.journals.flatMap((journal) => judgeRun(journal, seen)),
    ...judgeRecords(seen),
  ];
  return wrong.map((what) => ({ invariant: 'hooks', host: '', what }));
}

function judgeRun(journal: RunJournal, seen: HookEvidence): readonly string[] {
  const lines = seen.lines.filter(({ run }) => run === journal.run);
  return [
    ...judgeTwice(journal, lines),
    ...judgeSkipped(journal, lines, seen.logs),
    ...judgeEnd(journal, lines),
  ];
}

/** A hook of a wave or of the run begins once for each key that the journal has, and never after it has ended well. */
function judgeTwice(journal: RunJournal, lines: readonly HookLine[]): readonly string[] {
  return turnsOf(journal).flatMap((turn) => {
    const keys = new Set(journal.begun.filter((each) => each.turn === turn).map(({ key }) => key));
    const begins = lines.filter(
      ({ word, id, wave }) => word === 'begin' && turnFor(id, wave) === turn,
    );
    const ends = lines.filter(({ word, id, wave }) => word === 'end' && turnFor(id, wave) === turn);
    const done = [...keys].filter((key) =>
      journal.ended.some((each) => each.key === key && each.end === 'ok'),
    ).length;
    const said = `hook ${turn} of ${journal.run}`;
    const often = begins.length > keys.size ? [`${said} began ${begins.length} times`] : [];
    // What was interrupted may have come to its end all the same, and then a person has had it run again.
    const most = Math.min(done, 1) + keys.size - done;
    return ends.length > most && !isClosing(turn.replace(/-.*/, ''))
      ? [...often, `${said} came to its end ${ends.length} times`]
      : often;
  });
}

/** Where a link moved, every hook that comes before has ended well. */
function judgeSkipped(
  journal: RunJournal,
  lines: readonly HookLine[],
  logs: HookEvidence['logs'],
): readonly string[] {
  const moved = [...logs].flatMap(([host, log]) =>
    log
      .filter(({ run, after }) => run === journal.run && after === 'linked')
      .map(({ txn }) => ({ host, txn })),
  );
  const [first] = moved;
  if (first === undefined) return [];
  const of = (per: string) =>
    CHAOS_HOOKS.filter((hook) => hook.point === 'before_activate' && hook.per === per);
  const said = (what: string): string => `hook ${what} of ${journal.run} was skipped`;
  const ofRun = of('run')
    .filter(({ id }) => !hasRun(journal, lines, id))
    .map(({ id }) => said(id));
  const ofHosts = moved.flatMap(({ host }) =>
    of('host')
      .filter(
        ({ id }) =>
          !lines.some(
            ({ word, id: each, about }) => word === 'end' && each === id && about === host,
          ),
      )
      .map(({ id }) => said(`${id} for ${host}`)),
  );
  return [...ofRun, ...ofHosts];
}

/** A run that succeeded has had all of its hooks. */
function judgeEnd(journal: RunJournal, lines: readonly HookLine[]): readonly string[] {
  if (journal.state !== 'succeeded' || journal.hosts === 0) return [];
  return ONCE.filter(
    ({ point }) =>
      point === 'before_activate' || point === 'after_confirm' || point === 'after_run',
  )
    .flatMap(({ id, per }) =>
      per === 'run'
        ? [id]
        : Array.from({ length: journal.waves }, (_, wave) => turnFor(id, `${wave + 1}`)),
    )
    .filter((turn) => !hasRun(journal, lines, turn))
    .map((turn) => `hook ${turn} of ${journal.run}, which succeeded, was skipped`);
}

function hasRun(journal: RunJournal, lines: readonly HookLine[], turn: string): boolean {
  const ended = lines.some(({ word, id, wave }) => word === 'end' && turnFor(id, wave) === turn);
  return ended || journal.settledDone.includes(turn);
}

/** Of what a host has recorded as ended well there is a last line; and no hook began there without a record. */
function judgeRecords({ lines, records }: HookEvidence): readonly string[] {
  return records.flatMap(({ host, run, key, end }) => {
    const id = key.split('.')[0] ?? '';
    const own = lines.filter((line) => line.on === host && line.run === run && line.id === id);
    const ends = own.filter(({ word }) => word === 'end').length;
    const begins = own.filter(({ word }) => word === 'begin').length;
    const keys = records.filter(
      (each) => each.host === host && each.run === run && each.key.split('.')[0] === id,
    );
    const said = `hook ${key} of ${run} on ${host}`;
    if (begins > keys.length) return [`${said} began ${begins} times for ${keys.length} records`];
    const isOwn = CHAOS_HOOKS.some((hook) => hook.id === id);
    return isOwn && end === '0' && ends === 0 ? [`${said} is recorded as ended, and is not`] : [];
  });
}

/** Hooks of a wave or of the run that this journal has begun. */
function turnsOf({ begun }: RunJournal): readonly string[] {
  const turns = begun.filter(({ turn, key }) => turn !== key).map(({ turn }) => turn);
  return [...new Set(turns)];
}
