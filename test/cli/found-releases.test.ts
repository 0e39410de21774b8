import { expect, test } from 'vitest';
import { releaseRows } from '../../src/cli/reports/release-rows.js';
import { statusRows } from '../../src/cli/reports/status-rows.js';
import { doctorRows } from '../../src/engine/preflight/doctor.js';
import type { HostReading } from '../../src/engine/reading/host-reading.js';
import type { CurrentLink, HostRelease } from '../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../src/model/names.js';
import { factsOf, unitOf } from '../fixtures/facts.js';
import { hostFixture } from '../fixtures/host.js';
import { appOf } from '../fixtures/plan.js';
import { READING } from '../fixtures/reading.js';

const CAP = asReleaseId('20240101120000');
const theirs: HostRelease = {
  id: CAP,
  standing: 'healthy',
  since: '1970-01-01T00:00:00Z',
  complete: true,
  meta: {
    id: CAP,
    version: CAP,
    commit: null,
    digest: `sha256:${'0'.repeat(64)}`,
    app: '',
    run: asRunId('before-fleet'),
    deployer: 'another tool',
    deployedAt: '1970-01-01T00:00:00Z',
  },
};

function surveyOf(current: CurrentLink): HostReading {
  const facts = factsOf({ current, releases: [theirs], units: [unitOf()] });
  return { kind: 'read', reading: READING, host: hostFixture('web1'), facts };
}

const link = (leads: 'somewhere' | 'nowhere' | 'unknown'): CurrentLink => ({
  kind: 'link',
  release: CAP,
  target: '/opt/shop/releases/20240101120000',
  leads,
});

test('what another tool made is a release without a time of its own', () => {
  expect(releaseRows([surveyOf(link('somewhere'))])).toMatchObject([
    { id: CAP, deployedAt: null, deployer: 'another tool', current: ['web1'], healthy: ['web1'] },
  ]);
});

test.each([
  ['somewhere', 'current was not made by fleet (/opt/shop/releases/20240101120000)'],
  ['nowhere', 'current leads nowhere (/opt/shop/releases/20240101120000)'],
] as const)('status says of a link that leads %s what it is', (leads, drift) => {
  expect(statusRows([surveyOf(link(leads))], appOf())[0]?.drift).toBe(drift);
});

test.each([
  ['somewhere', false],
  ['nowhere', true],
  ['unknown', true],
] as const)('doctor warns of a link that leads %s: %j', (leads, warns) => {
  const [row] = doctorRows([surveyOf(link(leads))], appOf());
  expect(row?.notes.some(({ code }) => code === 'no_way_back')).toBe(warns);
});
