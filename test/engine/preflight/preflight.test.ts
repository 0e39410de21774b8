import { expect, test } from 'vitest';
import { refusal } from '../../../src/engine/preflight/admission.js';
import { judgeFacts } from '../../../src/engine/preflight/preflight.js';
import { exitCodeOf } from '../../../src/errors/codes.js';
import type { HostFacts } from '../../../src/host/protocol/protocol.js';
import { asRunId } from '../../../src/model/names.js';
import type { DeadManPolicy } from '../../../src/model/runs/dead-man.js';
import { factsOf, unitOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';

const host = hostFixture('web1');

function judge(facts: Partial<HostFacts>, deadMan: DeadManPolicy = 'auto') {
  return judgeFacts(host, factsOf(facts), { app: appOf({ deadMan }), diskBytes: 0 });
}

test('a host without an automatic rollback timer is refused where the policy requires one', () => {
  const failures = judge({ deadMan: [] }, 'required');
  expect(failures.map(({ code }) => code)).toEqual(['dead_man_unavailable']);
  const { code, problems } = refusal([{ host: host.name, failures }], 1);
  expect(exitCodeOf(code)).toBe(2);
  expect(problems[0]?.hint).toContain('loginctl enable-linger deploy');
});

test.each([
  ['auto', []],
  ['off', []],
  ['required', ['process']],
] as const)('with %s, a host that offers %j takes part', (policy, deadMan) => {
  expect(judge({ deadMan }, policy)).toEqual([]);
});

test.each([
  ['locked', { run: asRunId('run9'), owner: 'ada@bastion', phase: 'claimed' }],
  ['undecided', { phase: 'linked' }],
  ['current_not_a_link', { current: { kind: 'foreign', what: 'a folder' } }],
  ['disk_full', { freeBytes: 1024 }],
  ['not_readable', { units: [], unread: [{ what: 'units', why: 'no bus' }] }],
  ['not_readable', { units: [] }],
  ['not_readable', { unread: [{ what: 'state', why: '.fleet may not be entered' }] }],
  ['not_readable', { unread: [{ what: 'releases', why: 'may not be read' }] }],
  ['unit_unknown', { units: [unitOf({ load: 'not-found' })] }],
  ['root_not_writable', { root: 'not-writable' }],
  ['sudo_password', { sudo: 'password' }],
  ['tools_missing', { missingTools: ['flock'] }],
  ['shared_missing', { missingShared: ['.env'] }],
] as const)('refuses with %s what would stop a run', (code, facts) => {
  const failures = judgeFacts(host, factsOf(facts), {
    app: { ...appOf(), shared: [{ path: '.env', kind: 'file' }] },
    diskBytes: 1,
  });
  expect(failures.map((failure) => failure.code)).toEqual([code]);
});

test('space and inodes must be enough for the release, counting what is there of it already', () => {
  const MIB = 1024 ** 2;
  const found = (facts: Partial<HostFacts>) =>
    judgeFacts(host, factsOf(facts), { app: appOf(), diskBytes: 36 * MIB, inodes: 2000 }).map(
      ({ message }) => message,
    );
  expect(found({ freeBytes: 100 * MIB, freeInodes: null })).toEqual([]);
  expect(found({ freeBytes: 100 * MIB - 1 })).toEqual([
    '99 MiB free under /opt/shop, 100 MiB needed',
  ]);
  const partial = [{ sha256: 'a'.repeat(64), bytes: 20 * MIB }];
  expect(found({ freeBytes: 80 * MIB, partial })).toEqual([]);
  expect(found({ freeInodes: 2016 })).toEqual([]);
  expect(found({ freeInodes: 2015 })).toEqual([
    '2015 inodes left under /opt/shop, 2016 needed: there are too many files',
  ]);
  expect(found({ freeInodes: 3 })).toEqual([
    'no inodes left under /opt/shop: there are too many files',
  ]);
});

test('a current that is a folder is refused with what makes a release of it', () => {
  const facts = factsOf({ current: { kind: 'foreign', what: 'a folder' } });
  const [failure] = judgeFacts(host, facts, { app: appOf(), diskBytes: 1 });
  expect(failure?.hint).toContain(
    'cd /opt/shop && mkdir -p releases && mv current releases/before-fleet && ln -s releases/before-fleet current',
  );
});
