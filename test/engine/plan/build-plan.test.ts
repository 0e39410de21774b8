import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { PreparedRelease } from '../../../src/artifact/prepare.js';
import {
  type Proposal,
  proposeDeploy,
  proposeRollback,
} from '../../../src/engine/plan/plan-run.js';
import type { HostReading } from '../../../src/engine/reading/host-reading.js';
import type { HostFacts, HostRelease } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import { factsOf, unitOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';
import { READING } from '../../fixtures/reading.js';
import { known } from '../../model/support/known-releases.js';

/** A release of that day as a host reports it. */
function release(day: number, change: Parameters<typeof known>[2] = {}): HostRelease {
  return { ...known(`r${day}`, day, change), since: `2026-01-0${day}T00:00:00Z` };
}

const prepared: PreparedRelease = {
  release: { id: asReleaseId('r9'), version: 'v9', commit: null, digest: 'sha256:9' },
  bytes: 1000,
  unpackedBytes: 4000,
  sha256: 'f'.repeat(64),
  format: 'gzip',
  archivePath: '/nowhere',
  files: 1,
  warnings: [],
  manifest: [],
  packedManifest: { sha256: 'e'.repeat(64), bytes: 100 },
  payload: () => Readable.from([]),
  dispose: async () => undefined,
};

function proposalOf(keep: number, current: string, releases: readonly HostRelease[]): Proposal {
  const link = { kind: 'link', release: asReleaseId(current) } as const;
  const survey: HostReading = {
    kind: 'read',
    reading: READING,
    host: hostFixture('web1'),
    facts: factsOf({ current: link, releases, units: [unitOf()] }),
  };
  const app = { ...appOf(), release: { ...appOf().release, keep } };
  const now = new Date('2026-01-09T00:00:00Z');
  return { run: asRunId('run9'), app, group: 'web', operator: 'ada', now, surveys: [survey] };
}

const deploy = (keep: number, current: string, releases: readonly HostRelease[]) =>
  proposeDeploy(proposalOf(keep, current, releases), prepared, false).plan;

/** As {@link deploy} of content that the host has, with the facts that a test changes. */
function planWith(change: Partial<HostFacts>) {
  const proposal = proposalOf(3, 'r5', [release(5, { digest: 'sha256:9' })]);
  const surveys = proposal.surveys.map(
    (survey): HostReading =>
      survey.kind === 'read' ? { ...survey, facts: { ...survey.facts, ...change } } : survey,
  );
  return proposeDeploy({ ...proposal, surveys }, prepared, false).plan;
}

describe('the plan of a deploy', () => {
  test('prunes neither what the run comes from nor what it goes to', () => {
    // The oldest is current, as after a rollback; the newest is on the host already, staged.
    const there = release(9, { standing: 'staged', digest: 'sha256:9' });
    const plan = deploy(1, 'r1', [release(1), release(2), release(3), there]);
    expect(plan.release.id).toBe('r9');
    expect(plan.hosts[0]).toMatchObject({ from: 'r1', to: 'r9', prune: ['r2', 'r3'] });
  });

  test('leaves a host alone only where it has a record of that content', () => {
    const well = release(5, { digest: 'sha256:9' });
    expect(deploy(3, 'r5', [well]).unchanged).toEqual(['web1']);
    const surveys = [[well], []].flatMap((releases, index): readonly HostReading[] =>
      proposalOf(3, 'r5', releases).surveys.map((survey) => ({
        ...survey,
        host: hostFixture(`web${index + 1}`),
      })),
    );
    const proposal = { ...proposalOf(3, 'r5', []), surveys, recorded: [well.meta] };
    const { plan } = proposeDeploy(proposal, prepared, false);
    expect(plan).toMatchObject({ release: { id: 'r5' }, unchanged: ['web1'] });
    expect(plan.hosts).toMatchObject([{ host: { name: 'web2' }, upload: true }]);
  });

  const runs = (change: Parameters<typeof unitOf>[0]) =>
    planWith({ units: [unitOf({ serving: asReleaseId('r5'), ...change })] });

  test('leaves a host alone only where its process runs that content, by all that is known', () => {
    expect(runs({}).unchanged).toEqual(['web1']);
    expect(runs({ serving: null }).unchanged).toEqual(['web1']);
    expect(runs({ serving: asReleaseId('r4') }).unchanged).toEqual([]);
    expect(runs({ serving: null, pending: true }).unchanged).toEqual([]);
    expect(runs({ active: 'failed' }).hosts).toMatchObject([{ condition: { kind: 'out' } }]);
  });

  test.each([
    ['units', { units: [], unread: [{ what: 'units', why: 'no bus' }] }],
    ['units of which it says nothing', { units: [] }],
    ['a list of releases', { unread: [{ what: 'releases', why: 'may not be read' }] }],
    ['a state', { unread: [{ what: 'state', why: 'may not be read' }] }],
  ] as const)('is refused over %s that could not be read', (_, facts) => {
    expect(() => planWith(facts)).toThrow(expect.objectContaining({ code: 'not_readable' }));
  });

  test('an id that a host has with other content is refused', () => {
    const other = release(9, { digest: 'sha256:other' });
    expect(() => deploy(3, 'r1', [release(1), other])).toThrow(/other content/);
  });

  test('content that was bad under its id gets a new one', () => {
    const bad = release(5, { standing: 'bad', digest: 'sha256:9' });
    expect(deploy(3, 'r1', [release(1), bad]).release.id).toBe('r9');
    const well = release(5, { digest: 'sha256:9' });
    expect(deploy(3, 'r1', [release(1), well]).release.id).toBe('r5');
  });
});

test('the plan of a rollback prunes nothing where it is a rollback, however little is kept', () => {
  const releases = [1, 2, 3, 4].map((day) => release(day));
  const { plan } = proposeRollback(proposalOf(1, 'r4', releases), 'r1', false);
  expect(plan.hosts[0]).toMatchObject({ from: 'r4', to: 'r1', prune: [] });
});

test('a rollback is refused over releases that could not be read, not as one that no host has', () => {
  const proposal = proposalOf(3, 'r2', []);
  const unread = [{ what: 'releases', why: 'may not be read' }] as const;
  const surveys = proposal.surveys.map(
    (survey): HostReading =>
      survey.kind === 'read' ? { ...survey, facts: { ...survey.facts, unread } } : survey,
  );
  expect(() => proposeRollback({ ...proposal, surveys }, 'r1', false)).toThrow(
    expect.objectContaining({ code: 'not_readable' }),
  );
});

describe('a host that another tool has deployed to', () => {
  const cap = asReleaseId('20240101120000');
  const found = { target: '/opt/shop/releases/20240101120000', leads: 'somewhere' } as const;
  const theirs: HostRelease = {
    ...release(1),
    id: cap,
    meta: { ...release(1).meta, id: cap, run: asRunId('before-fleet'), deployer: 'another tool' },
  };

  function propose(current: string, releases: readonly HostRelease[], link: object = {}) {
    const proposal = proposalOf(1, current, releases);
    const surveys = proposal.surveys.map((survey): HostReading => {
      if (survey.kind !== 'read') return survey;
      const { current: at } = survey.facts;
      return { ...survey, facts: { ...survey.facts, current: { ...at, ...link } } };
    });
    return { ...proposal, surveys };
  }

  test('comes from what it has, by its name, and the plan has what its link says', () => {
    const { plan } = proposeDeploy(propose(cap, [theirs], found), prepared, false);
    expect(plan.hosts[0]).toMatchObject({ from: cap, found, to: 'r9' });
  });

  test('has nothing of it deleted, and it does not count as one of those that are kept', () => {
    const releases = [theirs, release(2), release(3), release(4)];
    const { plan } = proposeDeploy(propose('r4', releases), prepared, false);
    expect(plan.hosts[0]?.prune).toEqual(['r2', 'r3']);
  });

  test('goes back to it by its name, or by a prefix of that', () => {
    for (const reference of [cap, '2024']) {
      const { plan } = proposeRollback(propose('r4', [theirs, release(4)]), reference, false);
      expect(plan.release.id).toBe(cap);
      expect(plan.hosts[0]).toMatchObject({ from: 'r4', to: cap, prune: [] });
    }
  });
});
