import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asHostName } from '../../src/model/names.js';
import { HOST_STAGES } from '../../src/model/runs/run.js';
import {
  type HostRun,
  nameOf,
  PREDICATES,
  type Predicate,
} from '../../src/rollout/state/host-run.js';
import { HostTable } from '../../src/rollout/state/host-table.js';
import { beginState } from '../../src/rollout/state/state.js';
import { planOf } from '../fixtures/plan.js';

/** Waves of one block, of several, and of none. */
const SIZES = [1, 150, 0, 70];
const { hosts: FRESH } = beginState(planOf({ waves: SIZES, sick: ['h2', 'h90', 'h200'] }));
const TRAIT_NAMES = Object.keys(PREDICATES) as readonly Predicate[];

const changes: fc.Arbitrary<Partial<HostRun>> = fc.record({
  stage: fc.constantFrom(...HOST_STAGES),
  claimed: fc.boolean(),
  failed: fc.boolean(),
  fenced: fc.boolean(),
  probe: fc.constantFrom(null, { kind: 'healthy' } as const),
});

test('a host table counts and finds what a scan of every host would', () => {
  const edits = fc.array(fc.tuple(fc.nat([...FRESH].length - 1), changes), { maxLength: 60 });
  fc.assert(
    fc.property(edits, (list) => {
      const plain = [...FRESH];
      let roster = FRESH;
      for (const [at, change] of list) {
        const host = plain[at];
        if (host === undefined) continue;
        plain[at] = { ...host, ...change };
        roster = roster.with(nameOf(host), plain[at]);
      }
      expect([...roster]).toEqual(plain);
      for (const trait of TRAIT_NAMES) expectAlike(roster, plain, trait);
    }),
    { numRuns: 100 },
  );
});

function expectAlike(roster: HostTable, plain: readonly HostRun[], trait: Predicate): void {
  const found = plain.filter(PREDICATES[trait]);
  expect(roster.count(trait)).toBe(found.length);
  expect([...roster.where(trait)]).toEqual(found);
  for (const wave of SIZES.keys()) {
    const ofWave = found.filter((host) => host.plan.wave === wave);
    expect(roster.count(trait, wave)).toBe(ofWave.length);
    expect([...roster.where(trait, wave)]).toEqual(ofWave);
  }
}

test('a changed host table leaves the old one unchanged', () => {
  const name = asHostName('h90');
  const host = FRESH.get(name);
  if (host === undefined) throw new Error('h90 is part of the plan');
  const changed = FRESH.with(name, { ...host, stage: 'claiming' });
  expect(FRESH.count('claiming')).toBe(0);
  expect(FRESH.get(name)).toBe(host);
  expect(changed.count('claiming')).toBe(1);
});

test('a host table has no host for an unknown wave or name', () => {
  expect(FRESH.get(asHostName('stranger'))).toBeUndefined();
  expect(FRESH.count('out', 9)).toBe(0);
  expect([...HostTable.of([]).where('out')]).toEqual([]);
});
