import { expect, test } from 'vitest';
import { type HookEvidence, judgeHooks } from './hook-check.js';
import { CHAOS_HOOKS, type HookLine } from './hooks.js';
import type { RunJournal } from './journals.js';

const WAVES = 2;
const moved = {
  verb: 'activate',
  txn: 'r.1.0',
  run: 'r',
  epoch: 1,
  before: 'armed',
  after: 'linked',
};

/** A run on one host in which every hook has run. */
function wholeRun(): HookEvidence {
  const turns = CHAOS_HOOKS.filter(({ per }) => per !== 'host').flatMap(({ id, per }) =>
    per === 'run' ? [{ id, wave: '-' }] : ['1', '2'].map((wave) => ({ id, wave })),
  );
  const keys = turns.map(({ id, wave }) => {
    const turn = wave === '-' ? id : `${id}.wave${wave}`;
    return { hook: id, turn, key: `${turn}.1` };
  });
  const lines = [
    ...turns.map((turn) => ({ ...turn, about: 'h01', on: 'h01' })),
    ...CHAOS_HOOKS.filter(({ per }) => per === 'host').map(({ id }) => ({
      id,
      wave: '1',
      about: 'h01',
      on: 'h01',
    })),
  ].flatMap((line) =>
    (['begin', 'end'] as const).map((word): HookLine => ({ ...line, word, run: 'r' })),
  );
  const journal: RunJournal = {
    run: 'r',
    kind: 'deploy',
    state: 'succeeded',
    begun: keys,
    ended: keys.map((key) => ({ ...key, end: 'ok' })),
    interrupted: [],
    settledDone: [],
    hosts: 1,
    waves: WAVES,
  };
  return { journals: [journal], lines, records: [], logs: new Map([['h01', [moved]]]) };
}

const found = (evidence: HookEvidence): readonly string[] =>
  judgeHooks(evidence).map(({ what }) => what);
const without = (evidence: HookEvidence, is: (line: HookLine) => boolean): HookEvidence => ({
  ...evidence,
  lines: evidence.lines.filter((line) => !is(line)),
});
const inJournal = (evidence: HookEvidence, change: Partial<RunJournal>): HookEvidence => ({
  ...evidence,
  journals: evidence.journals.map((journal) => ({ ...journal, ...change })),
});

test('a run in which every hook ran once is as it should be', () => {
  expect(found(wholeRun())).toEqual([]);
});

test('a hook of the run that ran twice is found', () => {
  const seen = wholeRun();
  const again = seen.lines.filter(({ id }) => id === 'before_activate-1');
  expect(found({ ...seen, lines: [...seen.lines, ...again] })).toEqual([
    'hook before_activate-1 of r began 2 times',
    'hook before_activate-1 of r came to its end 2 times',
  ]);
});

test('a hook that was left out before a link moved is found, of the run and of a host', () => {
  const seen = inJournal(wholeRun(), { state: 'rolled_back' });
  const gone = ['before_activate-1', 'before_activate-4'];
  expect(
    found(without(seen, ({ id, word }) => gone.includes(id) && word === 'end')).toSorted(),
  ).toEqual([
    'hook before_activate-1 of r was skipped',
    'hook before_activate-4 for h01 of r was skipped',
  ]);
  expect(
    found(
      inJournal(
        without(seen, ({ id }) => id === gone[0]),
        { settledDone: [gone[0] ?? ''] },
      ),
    ),
  ).toEqual([]);
});

test('a hook that a run which succeeded has left out is found', () => {
  const seen = without(wholeRun(), ({ id, wave }) => id === 'after_confirm-3' && wave === '2');
  expect(found(seen)).toEqual(['hook after_confirm-3.wave2 of r, which succeeded, was skipped']);
});

test('a hook that began on a host without a record, or is recorded without its end, is found', () => {
  const seen = wholeRun();
  const record = { host: 'h01', run: 'r', key: 'before_stage-2.r.1.0', end: '0' };
  expect(found({ ...seen, records: [record] })).toEqual([]);
  const began = seen.lines.filter(({ id, word }) => id === 'before_stage-2' && word === 'begin');
  expect(found({ ...seen, lines: [...seen.lines, ...began], records: [record] })).toEqual([
    'hook before_stage-2.r.1.0 of r on h01 began 2 times for 1 records',
  ]);
  const ended = without(seen, ({ id, word }) => id === 'before_stage-2' && word === 'end');
  expect(found({ ...ended, records: [record] })).toEqual([
    'hook before_stage-2.r.1.0 of r on h01 is recorded as ended, and is not',
  ]);
});
