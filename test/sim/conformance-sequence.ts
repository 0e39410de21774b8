import fc from 'fast-check';
import { HOOK_POINTS } from '../../src/model/runs/hooks/hooks.js';
import { CURRENT, type Op, type OpVerb, OWNERS } from './conformance-op.js';

const release = fc.integer({ min: 1, max: 3 });
const unitFile = fc.constantFrom('one\n', 'two\n');
const releaseOrNone = fc.nat(3);

/** Mostly the one who is at it anyway, else anyone. */
const owners = (usual: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.nat(OWNERS.length - 1) },
  );

const verbs: fc.Arbitrary<OpVerb> = fc.oneof(
  fc.record({
    verb: fc.constantFrom('claim' as const, 'claim-twin' as const),
    expect: fc.constantFrom(0, 1, 2, 3, CURRENT),
  }),
  fc.record({
    verb: fc.constant('adopt' as const),
    over: fc.integer({ min: -1, max: OWNERS.length - 1 }),
    force: fc.boolean(),
  }),
  fc.record({ verb: fc.constant('arm' as const), from: releaseOrNone, to: release }),
  fc.record({ verb: fc.constant('prune' as const), release }),
  fc.record({ verb: fc.constant('units' as const), release, text: unitFile }),
  fc.record({ verb: fc.constant('restore' as const), of: fc.nat(OWNERS.length - 1) }),
  fc.record({
    verb: fc.constant('hook' as const),
    point: fc.constantFrom(...HOOK_POINTS),
    key: fc.integer({ min: 1, max: 2 }),
    fails: fc.boolean(),
  }),
  fc.record({
    verb: fc.constantFrom(
      'renew' as const,
      'activate' as const,
      'verify' as const,
      'confirm' as const,
      'revert' as const,
      'roll-back' as const,
      'undo' as const,
      'hold' as const,
      'unclaim' as const,
      'facts' as const,
      'backup' as const,
      'status' as const,
      'probe' as const,
    ),
  }),
);

/** Steps one by one, in the runs in which the engine sends them, and what befalls a host. */
function ops(usual: number): fc.Arbitrary<Op> {
  const by = owners(usual);
  const called = (given: readonly OpVerb[]) =>
    fc.record({ kind: fc.constant('call' as const), verbs: fc.constant(given), by });
  const moves = fc
    .tuple(releaseOrNone, release)
    .chain(([from, to]) =>
      fc.oneof(
        called([{ verb: 'claim', expect: from }]),
        called([{ verb: 'arm', from, to }, { verb: 'activate' }, { verb: 'verify' }]),
        called([{ verb: 'confirm' }]),
        called([{ verb: 'unclaim' }, { verb: 'status' }]),
        called([{ verb: 'revert' }, { verb: 'unclaim' }]),
      ),
    );
  return fc.oneof(
    { weight: 6, arbitrary: moves },
    { weight: 4, arbitrary: verbs.chain((verb) => called([verb])) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('stage' as const),
        release: fc.integer({ min: 1, max: 4 }),
        by,
        base: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fire' as const), by }) },
    {
      weight: 2,
      arbitrary: fc.oneof(
        fc.constant<Op>({ kind: 'guard' }),
        fc.constant<Op>({ kind: 'lapse' }),
        fc.constant<Op>({ kind: 'reboot' }),
        fc.constant<Op>({ kind: 'foreign' }),
        fc.record({ kind: fc.constant('tamper' as const), release }),
        fc.record({
          kind: fc.constant('edit-unit-file' as const),
          text: fc.option(unitFile, { nil: null }),
        }),
        fc.constant<Op>({ kind: 'kill-unit' }),
        fc.record({ kind: fc.constant('break-start' as const), broken: fc.boolean() }),
        fc.record({ kind: fc.constant('sicken' as const), sick: fc.boolean() }),
      ),
    },
  );
}

/** Ways in which a switch comes to its end, or to none. */
const endings = (by: number, other: number): fc.Arbitrary<readonly Op[]> => {
  const call = (...given: readonly OpVerb[]): Op => ({ kind: 'call', verbs: given, by });
  const adopt = (force: boolean): Op => ({
    kind: 'call',
    verbs: [{ verb: 'adopt', over: by, force }],
    by: other,
  });
  const revertAs = (who: number): Op => ({ kind: 'call', verbs: [{ verb: 'revert' }], by: who });
  return fc.constantFrom<readonly Op[]>(
    [call({ verb: 'confirm' }), call({ verb: 'unclaim' }, { verb: 'status' })],
    [call({ verb: 'confirm' }), call({ verb: 'prune', release: 1 }), call({ verb: 'unclaim' })],
    [call({ verb: 'revert' }, { verb: 'unclaim' })],
    [call({ verb: 'undo' }, { verb: 'unclaim' })],
    [call({ verb: 'hold' }), call({ verb: 'unclaim' })],
    [call({ verb: 'confirm' }), call({ verb: 'revert' }), call({ verb: 'unclaim' })],
    [call({ verb: 'confirm' }), call({ verb: 'roll-back' }), call({ verb: 'unclaim' })],
    [call({ verb: 'confirm' }), call({ verb: 'roll-back' }), { kind: 'fire', by }],
    [{ kind: 'fire', by }, call({ verb: 'confirm' }), call({ verb: 'unclaim' })],
    [{ kind: 'reboot' }, { kind: 'guard' }, call({ verb: 'confirm' })],
    [{ kind: 'reboot' }, call({ verb: 'confirm' }), call({ verb: 'revert' }, { verb: 'unclaim' })],
    [{ kind: 'lapse' }, adopt(false), call({ verb: 'confirm' }), revertAs(by), revertAs(other)],
    [adopt(true), call({ verb: 'verify' }), { kind: 'fire', by }, call({ verb: 'unclaim' })],
    [{ kind: 'break-start', broken: true }, call({ verb: 'revert' }), call({ verb: 'unclaim' })],
    [
      { kind: 'sicken', sick: true },
      { kind: 'fire', by },
      { kind: 'sicken', sick: false },
    ],
    [{ kind: 'kill-unit' }, call({ verb: 'probe' }), call({ verb: 'confirm' })],
  );
};

/** What a host does before its link moves, also when it is asked twice. */
const PREPARATIONS: readonly ((by: number) => readonly OpVerb[])[] = [
  () => [],
  () => [{ verb: 'backup' }],
  () => [HOOK, HOOK, { verb: 'backup' }, { verb: 'backup' }],
  (by) => [{ verb: 'backup' }, { verb: 'restore', of: by }, { verb: 'restore', of: by }],
];
const HOOK = { verb: 'hook', point: 'before_activate', key: 1, fails: false } as const;
const BACKUP = { verb: 'backup' } as const;
const RESTORE = { verb: 'restore', of: 4 } as const;

/** A whole deploy by one owner, of which parts are missing, and into which other things come. */
const stories: fc.Arbitrary<readonly Op[]> = fc
  .record({
    by: fc.nat(OWNERS.length - 1),
    other: fc.nat(OWNERS.length - 1),
    to: release,
    hasTwin: fc.boolean(),
    units: fc.option(unitFile, { nil: null }),
    prepare: fc.constantFrom(...PREPARATIONS),
    before: fc.constantFrom<readonly Op[]>(
      [],
      [],
      [],
      [{ kind: 'tamper', release: 2 }],
      [{ kind: 'sicken', sick: true }],
      [{ kind: 'sicken', sick: false }],
      [{ kind: 'break-start', broken: true }],
      [{ kind: 'break-start', broken: false }],
      [{ kind: 'edit-unit-file', text: 'by hand\n' }],
      [{ kind: 'edit-unit-file', text: null }],
    ),
  })
  .chain(({ by, other, to, hasTwin, units, prepare, before }) =>
    endings(by, other).chain((ending) => {
      const call = (...given: readonly OpVerb[]): Op => ({ kind: 'call', verbs: given, by });
      const twin = hasTwin ? [call({ verb: 'claim-twin', expect: CURRENT })] : [];
      const switching = [{ verb: 'activate' }, { verb: 'verify' }] as const;
      const whole: readonly Op[] = [
        ...(other % 2 === 0 ? [{ kind: 'foreign' } as const] : []),
        call({ verb: 'claim', expect: CURRENT }),
        ...twin,
        { kind: 'stage', release: to, by },
        ...(units === null ? [] : [call({ verb: 'units', release: to, text: units })]),
        ...before,
        ...prepare(by).map((verb) => call(verb)),
        call({ verb: 'arm', from: CURRENT, to }, ...switching),
        ...ending,
      ];
      return withInterludes(whole, ops(by));
    }),
  );

/** Now and then something is missing, or something else comes between. */
function withInterludes(whole: readonly Op[], other: fc.Arbitrary<Op>) {
  const size = { minLength: whole.length, maxLength: whole.length };
  const between = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<readonly Op[]>([]) },
      { weight: 1, arbitrary: fc.array(other, { maxLength: 1 }) },
    ),
    size,
  );
  return fc
    .tuple(between, fc.array(fc.nat(19), size))
    .map(([extra, kept]) =>
      whole.flatMap((op, i) => [...(kept[i] === 19 ? [] : [op]), ...(extra[i] ?? [])]),
    );
}

/** A few commands one after the other, each mostly by one owner. */
export const opSequences: fc.Arbitrary<readonly Op[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: stories },
      {
        weight: 1,
        arbitrary: fc
          .nat(OWNERS.length - 1)
          .chain((usual) => fc.array(ops(usual), { minLength: 2, maxLength: 9 })),
      },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.flat());

const byLast = (...verbs: readonly OpVerb[]): Op => ({ kind: 'call', verbs, by: 4 });

/** What a sequence that is drawn seldom comes to. */
export const EXAMPLES: readonly (readonly Op[])[] = [
  [
    byLast({ verb: 'claim', expect: 1 }),
    { kind: 'stage', release: 2, by: 4 },
    { kind: 'tamper', release: 2 },
    byLast({ verb: 'arm', from: 1, to: 2 }),
    { kind: 'stage', release: 3, by: 4, base: 2 },
    { kind: 'stage', release: 3, by: 4, base: 1 },
    ...[HOOK, HOOK, BACKUP, RESTORE, RESTORE].map((verb) => byLast(verb)),
    byLast({ verb: 'arm', from: 1, to: 3 }, { verb: 'activate' }, { verb: 'verify' }),
    byLast({ ...HOOK, point: 'after_activate', fails: true }),
    byLast({ verb: 'revert' }, { verb: 'unclaim' }),
  ],
  // Unit files: one that goes back to what was there, one that stays, and one of a run that is given up.
  [
    { kind: 'edit-unit-file', text: 'by hand\n' },
    ...bringing('one\n', 1),
    byLast({ verb: 'revert' }, { verb: 'unclaim' }),
    ...bringing('one\n', 1),
    byLast({ verb: 'confirm' }, { verb: 'unclaim' }),
    byLast({ verb: 'claim', expect: 2 }),
    byLast({ verb: 'units', release: 2, text: 'two\n' }),
    byLast({ verb: 'unclaim' }),
    ...bringing(null, 2),
    byLast({ verb: 'revert' }, { verb: 'unclaim' }),
  ],
  // A host that had none.
  [...bringing('one\n', 1), { kind: 'reboot' }, { kind: 'guard' }, byLast({ verb: 'unclaim' })],
  [...bringing('one\n', 1), byLast({ verb: 'revert' }, { verb: 'unclaim' })],
];

/** The second release with this unit file, up to its verification. */
function bringing(text: string | null, from: number): readonly Op[] {
  return [
    byLast({ verb: 'claim', expect: from }),
    { kind: 'stage', release: 2, by: 4 },
    ...(text === null ? [] : [byLast({ verb: 'units', release: 2, text })]),
    byLast({ verb: 'arm', from, to: 2 }, { verb: 'activate' }, { verb: 'verify' }),
  ];
}

/** A host on the first release, by a run that came before all others. */
export const INSTALLED: readonly Op[] = [
  { kind: 'call', verbs: [{ verb: 'claim', expect: 0 }], by: 0 },
  { kind: 'stage', release: 1, by: 0 },
  {
    kind: 'call',
    verbs: [{ verb: 'arm', from: 0, to: 1 }, { verb: 'activate' }, { verb: 'verify' }],
    by: 0,
  },
  { kind: 'call', verbs: [{ verb: 'confirm' }, { verb: 'unclaim' }], by: 0 },
];
