import { describe, expect, test } from 'vitest';
import { conditionOf } from '../../../src/engine/reading/condition.js';
import type { HostFacts } from '../../../src/host/protocol/protocol.js';
import { asReleaseId } from '../../../src/model/names.js';
import { factsOf, unitOf } from '../../fixtures/facts.js';
import { appOf } from '../../fixtures/plan.js';
import { known } from '../../model/support/known-releases.js';

const healthy = { ...known('a', 1), since: '2026-01-01T00:00:00Z' };
const at = (id: string) => ({ kind: 'link', release: asReleaseId(id) }) as const;
const of = (change: Partial<HostFacts>) =>
  conditionOf(
    factsOf({ current: at('a'), releases: [healthy], units: [unitOf()], ...change }),
    appOf(),
  );

describe('a host', () => {
  test('serves where every unit is up', () => {
    expect(of({})).toEqual({ kind: 'serving' });
    const ended = unitOf({ type: 'oneshot', active: 'inactive', sub: 'dead' });
    expect(of({ units: [ended] })).toEqual({ kind: 'serving' });
  });

  test.each<[string, Partial<HostFacts>, string]>([
    ['a unit is not up', { units: [unitOf({ active: 'failed' })] }, 'shop.service is failed'],
    [
      'no unit could be read',
      { units: [] },
      'the state of shop.service cannot be read: the host did not report them',
    ],
    ['an earlier run left it down', { phase: 'down' }, 'an earlier run left it down'],
    ['its transaction is open', { phase: 'linked' }, 'phase linked'],
    ['its link is gone', { current: { kind: 'absent' } }, 'no release is current'],
  ])('is out where %s', (_, change, why) => {
    expect(of(change)).toEqual({ kind: 'out', why });
  });

  test('is out where another of its units was not read', () => {
    const app = appOf();
    const service = { ...app.service, units: ['shop.service', 'worker.service'] };
    const facts = factsOf({ current: at('a'), releases: [healthy], units: [unitOf()] });
    expect(conditionOf(facts, { ...app, service })).toMatchObject({ kind: 'out' });
  });

  test('is new where it never served, also after a first deploy that failed', () => {
    const empty = { current: { kind: 'absent' }, releases: [] } as const;
    expect(of({ ...empty, units: [unitOf({ active: 'inactive' })] })).toEqual({ kind: 'new' });
    expect(of({ ...empty, units: [] })).toEqual({ kind: 'new' });
    const oneshot = unitOf({ type: 'oneshot', active: 'inactive', sub: 'dead' });
    expect(of({ ...empty, units: [oneshot] })).toEqual({ kind: 'new' });
    const bad = { ...healthy, standing: 'bad' } as const;
    expect(of({ phase: 'down', releases: [bad], to: asReleaseId('a') })).toEqual({ kind: 'new' });
  });

  test('serves, or is out, by its unit where another tool has deployed it', () => {
    const foreign = { kind: 'foreign', what: 'a link to /srv/shop' } as const;
    expect(of({ current: foreign, releases: [] })).toEqual({ kind: 'serving' });
    const dead = { units: [unitOf({ active: 'failed' })] };
    expect(of({ current: foreign, releases: [], ...dead })).toMatchObject({ kind: 'out' });
    // A unit may run something that no link of fleet names.
    expect(of({ current: { kind: 'absent' }, releases: [] })).toEqual({ kind: 'serving' });
  });
});
