import { describe, expect, test } from 'vitest';
import { doctorRows } from '../../../src/engine/preflight/doctor.js';
import type { HostFacts } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import type { Policy } from '../../../src/model/runs/policy.js';
import { factsOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';

const NOW = 1_790_000_000;
const reading = {
  since: new Date((NOW - 2) * 1000),
  until: new Date((NOW + 1) * 1000),
  server: null,
};

function diagnose(facts: Partial<HostFacts>, policy: Partial<Policy> = {}) {
  const read = { host: hostFixture('web1'), facts: factsOf(facts), reading };
  const [row] = doctorRows([{ kind: 'read', ...read }], appOf(policy));
  if (row === undefined) throw new Error('a row a host');
  return {
    ...row,
    codes: row.notes.map(({ code }) => code),
    stopped: row.stops.map(({ code }) => code),
  };
}

describe('a doctor', () => {
  test('reports nothing about a healthy host', () => {
    expect(diagnose({})).toMatchObject({ stops: [], notes: [], sudoers: [], clockSkewSeconds: 0 });
  });

  test.each([
    [{ guard: false }, 'no_guard'],
    [{ deadMan: [] }, 'no_dead_man'],
    [{ deadMan: ['system', 'user'] }, 'kills_processes'],
    [{ phase: 'down' }, 'down'],
    [{ rebooted: true }, 'rebooted'],
    [{ now: NOW + 60 }, 'clock_skew'],
    [{ missingRights: ['systemctl stop shop.service'] }, 'rights_missing'],
  ] as const)('notes %j as %s, which stops nothing', (facts, code) => {
    const { codes, stopped } = diagnose(facts);
    expect(codes).toContain(code);
    expect(stopped).toEqual([]);
  });

  test('measures a clock by the time in which it was read', () => {
    expect(diagnose({ now: NOW + 61 }).clockSkewSeconds).toBe(60);
    expect(diagnose({ now: NOW - 12 }).clockSkewSeconds).toBe(-10);
    expect(diagnose({ now: NOW + 4 }).codes).toEqual([]);
  });

  test('takes a disk as full that has no room beside a release of any size', () => {
    expect(diagnose({ freeBytes: 64 * 1024 * 1024 }).stopped).toEqual(['disk_full']);
    expect(diagnose({ freeBytes: 66 * 1024 * 1024 }).stopped).toEqual([]);
  });

  test('says which run holds the host, how long its lease is, and when the rollback timer fires', () => {
    const row = diagnose({
      phase: 'linked',
      run: asRunId('r1'),
      owner: 'ada@bastion',
      lease: 12,
      switch: 'system',
      deadline: 34,
      from: asReleaseId('old'),
      to: asReleaseId('new'),
    });
    expect(row.stopped).toEqual(['locked']);
    expect(row.claim).toEqual({ run: 'r1', owner: 'ada@bastion', leaseSeconds: 12 });
    expect(row.open).toEqual({
      phase: 'linked',
      from: 'old',
      to: 'new',
      switch: 'system',
      deadlineSeconds: 34,
    });
  });

  test('follows the policy for a host without an automatic rollback timer', () => {
    expect(diagnose({ deadMan: [] }, { deadMan: 'required' }).stopped).toEqual([
      'dead_man_unavailable',
    ]);
    const off = diagnose({ deadMan: [] }, { deadMan: 'off' });
    expect(off).toMatchObject({ deadMan: { off: true, used: 'off' }, sudoers: [], stopped: [] });
  });

  test('gives the lines for a timer only if no timer works without rights', () => {
    expect(diagnose({ deadMan: ['user', 'process'] }).sudoers).toEqual([]);
    const lines = diagnose({ deadMan: ['process'] }).sudoers;
    expect(lines.map(({ purpose, file }) => [purpose, file])).toEqual([
      ['dead_man', '/etc/sudoers.d/fleet-shop-timer'],
    ]);
  });

  test('gives the whole line for the service where a right of it is missing', () => {
    const missingRights = ['systemctl stop shop.service'];
    expect(diagnose({ sudo: 'password', missingRights }).sudoers).toEqual([
      {
        purpose: 'service',
        line: 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop.service, /usr/bin/systemctl stop shop.service, /usr/bin/systemctl reset-failed shop.service',
        file: '/etc/sudoers.d/zz-fleet-shop-service',
      },
    ]);
  });
});

test('a doctor warns of a weak SSH server, which stops nothing', () => {
  const server = {
    software: 'OpenSSH_6.6',
    keyExchanges: ['curve25519-sha256', 'diffie-hellman-group1-sha1'],
    hostKeys: ['ssh-ed25519', 'ssh-dss'],
    ciphers: ['aes128-ctr', 'arcfour'],
    macs: ['hmac-sha2-256'],
  };
  const read = { host: hostFixture('web1'), facts: factsOf({}), reading: { ...reading, server } };
  const [row] = doctorRows([{ kind: 'read', ...read }], appOf());
  expect(row).toMatchObject({
    stops: [],
    notes: [
      {
        code: 'weak_ssh',
        message:
          'its SSH server offers weak algorithms: key exchange diffie-hellman-group1-sha1; host key ssh-dss; cipher arcfour',
      },
    ],
  });
});
