import { describe, expect, test } from 'vitest';
import { reachedHosts, refuseUnfit } from '../../../src/engine/preflight/admission.js';
import type { HostReading } from '../../../src/engine/reading/host-reading.js';
import type { ErrorCode } from '../../../src/errors/codes.js';
import { FleetError } from '../../../src/errors/fleet-error.js';
import { asHostName, asRunId } from '../../../src/model/names.js';
import { factsOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';
import { READING } from '../../fixtures/reading.js';

const answers = (name: string, machineId = name): Extract<HostReading, { kind: 'read' }> => ({
  kind: 'read',
  reading: READING,
  host: hostFixture(name),
  facts: factsOf({ machineId }),
});

const fails = (name: string, code: ErrorCode): HostReading => ({
  kind: 'failed',
  host: hostFixture(name),
  failure: { code, message: `${name} fails` },
});

const count = (number: number) => ({ kind: 'count', count: number }) as const;

function refusalOf(surveys: readonly HostReading[], tolerated: number): FleetError {
  try {
    const reached = reachedHosts(surveys, count(tolerated));
    refuseUnfit(reached, { app: appOf(), diskBytes: 0 });
  } catch (error) {
    if (error instanceof FleetError) return error;
  }
  throw new Error('was not refused');
}

describe('preflight', () => {
  const well = [answers('web1'), answers('web2'), answers('web3')];

  test('skips as many hosts that are not there as it may', () => {
    const { hosts, skipped } = reachedHosts([...well, fails('web4', 'unreachable')], count(1));
    expect(hosts).toHaveLength(3);
    expect(skipped).toMatchObject([{ host: { name: 'web4' }, reason: 'web4 fails' }]);
  });

  test('refuses more hosts that are not there than may be skipped', () => {
    const gone = [fails('web4', 'unreachable'), fails('web5', 'connect_timeout')];
    const error = refusalOf([...well, ...gone], 1);
    expect(error).toMatchObject({ code: 'preflight_failed', exitCode: 9 });
    expect(error.message).toBe('preflight refuses the run for 2 of 5 hosts; nothing was changed');
  });

  test('tells of every problem of every host, also where some could not be reached', () => {
    const facts = factsOf({ sudo: 'tty', missingTools: ['tar'], machineId: 'web5' });
    const unfit: HostReading = { kind: 'read', reading: READING, host: hostFixture('web5'), facts };
    const error = refusalOf([...well, fails('web4', 'auth_failed'), unfit], 0);
    expect(error).toMatchObject({ code: 'preflight_failed', exitCode: 9 });
    expect(error.message).toContain('for 2 of 5 hosts;');
    expect(error.problems.map(({ message }) => message)).toEqual([
      'web4: web4 fails',
      'web5: not on the host: tar',
      'web5: sudo requires a terminal (Defaults requiretty), and a run has none',
    ]);
  });

  test('has the one code where hosts have one cause, and the exit code of the gravest', () => {
    const locked = (name: string): HostReading => ({
      kind: 'read',
      reading: READING,
      host: hostFixture(name),
      facts: factsOf({ machineId: name, run: asRunId('r1'), phase: 'claimed' }),
    });
    expect(refusalOf([locked('web1'), locked('web2')], 0)).toMatchObject({
      ...{ code: 'locked', exitCode: 7 },
    });
    expect(refusalOf([locked('web1'), fails('web2', 'unreachable')], 0)).toMatchObject({
      ...{ code: 'preflight_failed', exitCode: 7 },
    });
  });

  test.each(['host_key_changed', 'auth_failed'] as const)(
    'refuses a host with a wrong key, however many may be skipped (%s)',
    (code) => expect(refusalOf([...well, fails('web4', code)], 3).code).toBe(code),
  );

  test('never ends with the exit code of a run that was begun', () => {
    const odd = [fails('web1', 'bad_reply'), fails('web2', 'bad_reply')];
    expect(refusalOf([...well, ...odd], 0).code).toBe('preflight_failed');
  });

  test('refuses where no host is left', () => {
    expect(refusalOf([fails('web1', 'unreachable')], 5).code).toBe('unreachable');
  });

  test('refuses two names for one root, by both names, and no clones that share a machine-id', () => {
    const clones = [answers('web1', 'same'), answers('web2', 'same'), answers('web3', 'same')];
    expect(reachedHosts(clones, count(0)).hosts).toHaveLength(3);
    const [first, second, third] = clones.map((host) => ({ ...host, twin: asHostName('web1') }));
    if (!first || !second || !third) throw new Error('there are three');
    const one = refusalOf([answers('web1'), second], 0);
    expect(one.code).toBe('same_machine');
    expect(one.problems.map(({ message }) => message)).toEqual([
      'web2: web1 and web2 are one machine, and /opt/shop is one root',
    ]);
    const both = refusalOf([answers('web1'), second, third], 0);
    expect(both.problems.map(({ message }) => message)).toEqual([
      '2: web2, web3: web1 and the host are one machine, and /opt/shop is one root',
    ]);
  });
});
