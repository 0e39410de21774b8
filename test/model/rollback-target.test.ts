import { describe, expect, test } from 'vitest';
import { FleetError } from '../../src/errors/fleet-error.js';
import type { HostReleases } from '../../src/model/known-release.js';
import { pickRollbackTarget } from '../../src/model/rollback-target.js';
import { holding, known } from './known-releases.js';

const [a, b, c] = [known('a', 1), known('b', 2), known('c', 3)];

function refusal(hosts: readonly HostReleases[], reference: string | null): FleetError {
  try {
    pickRollbackTarget(hosts, reference, false);
  } catch (error) {
    if (error instanceof FleetError) return error;
  }
  throw new Error('was not refused');
}

const candidates = (error: FleetError) => error.problems.map(({ message }) => message);

describe('a rollback without --to', () => {
  test('goes to the newest healthy release before the current one', () => {
    const hosts = [holding('web1', 'c', [c, a, b]), holding('web2', 'c', [a, b, c])];
    expect(pickRollbackTarget(hosts, null, false)).toEqual({
      release: b.meta,
      forcedOn: [],
    });
  });

  test('after a rollback goes further back, never forward', () => {
    expect(pickRollbackTarget([holding('web1', 'b', [a, b, c])], null, false).release.id).toBe('a');
  });

  test('passes over what is bad, only staged, incomplete or missing on any host', () => {
    for (const worse of [
      known('b', 2, { standing: 'bad' }),
      known('b', 2, { standing: 'staged' }),
      known('b', 2, { complete: false }),
      known('b', 2, { digest: 'sha256:other' }),
      known('x', 2),
    ]) {
      const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'c', [a, worse, c])];
      expect(pickRollbackTarget(hosts, null, false).release.id).toBe('a');
    }
  });

  test('orders by the time of deploy, not by id', () => {
    const hosts = [holding('web1', 'z', [known('y', 1), known('m', 2), known('z', 3)])];
    expect(pickRollbackTarget(hosts, null, false).release.id).toBe('m');
  });

  test('is refused where nothing is older, with what there is', () => {
    const error = refusal([holding('web1', 'a', [a, b])], null);
    expect(error.code).toBe('nothing_to_roll_back_to');
    expect(candidates(error)).toEqual(['a', 'b']);
  });

  test('is refused where the hosts differ, with the candidates', () => {
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'b', [a, b])];
    const error = refusal(hosts, null);
    expect(error.code).toBe('nothing_to_roll_back_to');
    expect(error.message).toContain('c on web1; b on web2');
    expect(candidates(error)).toEqual(['a', 'b']);
  });

  test('is refused where there is no current release, or none that is known', () => {
    expect(refusal([holding('web1', null, [a])], null).message).toContain('no host has a current');
    expect(refusal([holding('web1', 'lost', [a])], null).code).toBe('nothing_to_roll_back_to');
  });
});

describe('a rollback with --to', () => {
  test('takes a release that is on every host, even a newer one', () => {
    const hosts = [holding('web1', 'a', [a, c]), holding('web2', 'b', [a, b, c])];
    expect(pickRollbackTarget(hosts, 'c', false).release.id).toBe('c');
  });

  test('is refused with the hosts that do not hold it whole', () => {
    const half = known('b', 2, { complete: false });
    const hosts = [
      holding('web1', 'c', [b, c]),
      holding('web2', 'c', [c]),
      holding('web3', 'c', [half, c]),
    ];
    const error = refusal(hosts, 'b');
    expect(error).toMatchObject({ code: 'release_unknown', message: 'b is not on web2, web3' });
  });

  test('is refused where one id has two contents', () => {
    const other = known('b', 2, { digest: 'sha256:other' });
    const hosts = [holding('web1', 'c', [b, c]), holding('web2', 'c', [other, c])];
    expect(refusal(hosts, 'b').message).toBe('b has other content on web2 than on web1');
  });

  test('is refused where it is bad on a host, and --force goes over that on record', () => {
    const bad = known('b', 2, { standing: 'bad' });
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'c', [a, bad, c])];
    const error = refusal(hosts, 'b');
    expect(error.code).toBe('release_bad');
    expect(error.message).toContain('web2');
    expect(candidates(error)).toEqual(['a', 'c']);
    expect(pickRollbackTarget(hosts, 'b', true).forcedOn).toEqual(['web2']);
  });

  test('takes one only staged on a host if it was healthy elsewhere, not one healthy nowhere', () => {
    const staged = known('b', 2, { standing: 'staged' });
    const proven = [holding('web1', 'c', [b, c]), holding('web2', 'c', [staged, c])];
    expect(pickRollbackTarget(proven, 'b', false).forcedOn).toEqual([]);
    const unproven = [holding('web1', 'c', [staged, c])];
    expect(refusal(unproven, 'b').message).toContain('never been healthy');
    expect(pickRollbackTarget(unproven, 'b', true).forcedOn).toEqual(['web1']);
  });

  test('that matches nothing lists what the hosts know', () => {
    const error = refusal([holding('web1', 'c', [a, b, c])], 'zzz');
    expect(error.code).toBe('release_unknown');
    expect(candidates(error)).toEqual(['a', 'b', 'c']);
  });
});
