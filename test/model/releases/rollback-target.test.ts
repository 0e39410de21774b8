import { describe, expect, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import type { HostReleases } from '../../../src/model/releases/choose/known-release.js';
import {
  pickRollbackTarget as pick,
  type RollbackRequest,
} from '../../../src/model/releases/choose/rollback-target.js';
import { holding, known } from '../support/known-releases.js';

const [a, b, c] = [known('a', 1), known('b', 2), known('c', 3)];

const pickRollbackTarget = (
  hosts: readonly HostReleases[],
  reference: string | null,
  force: boolean,
  recorded: RollbackRequest['recorded'] = [],
) => pick(hosts, { reference, force, recorded });

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
    const { id, version, commit, digest, run, deployer, deployedAt } = b.meta;
    expect(pickRollbackTarget(hosts, null, false)).toEqual({
      release: { id, version, commit, digest },
      origin: { run, deployer, deployedAt },
      forcedOn: [],
    });
  });

  test('after a rollback goes further back, never forward', () => {
    expect(pickRollbackTarget([holding('web1', 'b', [a, b, c])], null, false).release.id).toBe('a');
  });

  test('passes over what is bad, only staged or incomplete on every host', () => {
    for (const worse of [
      known('b', 2, { standing: 'bad' }),
      known('b', 2, { standing: 'staged' }),
      known('b', 2, { complete: false }),
    ]) {
      const hosts = [holding('web1', 'c', [a, worse, c]), holding('web2', 'c', [a, worse, c])];
      expect(pickRollbackTarget(hosts, null, false).release.id).toBe('a');
    }
  });

  test('is refused, with the answer of each host, where one of them ran another release before', () => {
    for (const worse of [
      known('b', 2, { standing: 'bad' }),
      known('b', 2, { standing: 'staged' }),
      known('b', 2, { complete: false }),
      known('b', 4),
      known('x', 1),
    ]) {
      const hosts = ['web1', 'web2', 'web3'].map((host) =>
        holding(host, 'c', host === 'web2' ? [a, worse, c] : [a, b, c]),
      );
      const error = refusal(hosts, null);
      expect(error.code).toBe('nothing_to_roll_back_to');
      expect(error.message).toMatch(
        /do not agree on what they ran before c: .+ on web2; b on web1, web3$/,
      );
      expect(candidates(error)).toContain('a');
      expect(error.hint).toContain('--to');
    }
  });

  test('is refused where the hosts say different things of the release before', () => {
    for (const other of [
      known('b', 2, { digest: 'sha256:other' }),
      known('b', 2, { commit: 'c0ffee' }),
      known('b', 2, { version: 'v7' }),
    ]) {
      const hosts = ['web1', 'web2', 'web3'].map((host) =>
        holding(host, 'c', host === 'web2' ? [a, other, c] : [a, b, c]),
      );
      expect(refusal(hosts, null)).toMatchObject({
        code: 'hosts_disagree',
        message: expect.stringMatching(/ on web2; .+ on web1, web3$/),
      });
    }
  });

  test("goes by the order of the bastion's history, where it has all releases of a host", () => {
    const odd = [a, b, known('c', 1, { digest: c.meta.digest })];
    const hosts = [holding('web1', 'c', odd), holding('web2', 'c', [a, b, c])];
    expect(refusal(hosts, null).code).toBe('nothing_to_roll_back_to');
    const recorded = [a, b, c].map(({ meta }) => meta);
    expect(pickRollbackTarget(hosts, null, false, recorded).release.id).toBe('b');
    expect(() => pickRollbackTarget(hosts, null, false, [a.meta, b.meta])).toThrow(/do not agree/);
  });

  test('names who deployed the release only where the history or every host says the same', () => {
    const evil = known('b', 2);
    const told = { ...evil, meta: { ...evil.meta, deployer: 'ceo@hq' } };
    const hosts = [holding('web1', 'c', [told, c]), holding('web2', 'c', [b, c])];
    expect(pickRollbackTarget(hosts, null, false).origin).toBeNull();
    const { run, deployer, deployedAt } = b.meta;
    const known3 = [b.meta, c.meta];
    expect(pickRollbackTarget(hosts, null, false, known3).origin).toEqual({
      run,
      deployer,
      deployedAt,
    });
  });

  test('orders by the time of deploy, not by id', () => {
    const hosts = [holding('web1', 'z', [known('y', 1), known('m', 2), known('z', 3)])];
    expect(pickRollbackTarget(hosts, null, false).release.id).toBe('m');
  });

  test('is refused where nothing is older, with what there is', () => {
    const error = refusal([holding('web1', 'a', [a, b])], null);
    expect(error.code).toBe('nothing_to_roll_back_to');
    expect(candidates(error)).toEqual(['b']);
  });

  test('leaves a host alone that is there already, as others come to it', () => {
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'b', [a, b])];
    expect(pickRollbackTarget(hosts, null, false).release.id).toBe('b');
  });

  test('is refused where the hosts come to different ones, with commands that work', () => {
    const hosts = [
      holding('web1', 'c', [a, b, c]),
      holding('web2', 'c', [a, c]),
      holding('web3', 'c', [a, b, c]),
    ];
    const error = refusal(hosts, null);
    expect(error.code).toBe('nothing_to_roll_back_to');
    expect(error.message).toContain('before c: a on web2; b on web1, web3');
    expect(error.hint).toContain('-l web2; or: -l web1,web3');
    expect(candidates(error)).toEqual(['a']);
  });

  test('is refused for a new host by its name, with the command that leaves it out', () => {
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', null, [])];
    const error = refusal(hosts, null);
    expect(error.message).toMatch(/^web2 never ran a release/);
    expect(error.hint).toContain("-l '!web2'");
    expect(refusal(hosts, 'b')).toMatchObject({
      code: 'release_unknown',
      message: 'b is not on web2',
      hint: expect.stringContaining("-l '!web2'"),
    });
  });

  test('is refused where a host holds no whole copy of where it is already', () => {
    const half = known('b', 2, { complete: false });
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'b', [a, half])];
    expect(refusal(hosts, null)).toMatchObject({ message: 'b is not on web2' });
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
    expect(refusal(hosts, 'b')).toMatchObject({
      code: 'hosts_disagree',
      message:
        'the hosts do not agree on what b is: content 000000000000 on web1; content other on web2',
    });
  });

  test('is refused where one host gives the commits of two releases the wrong way round', () => {
    const [r1, r2] = [
      known('b', 2, { commit: 'b'.repeat(40) }),
      known('d', 3, { commit: 'd'.repeat(40) }),
    ];
    const lie = [
      known('b', 2, { commit: 'd'.repeat(40) }),
      known('d', 3, { commit: 'b'.repeat(40), digest: r2.meta.digest }),
    ];
    const hosts = ['web1', 'web2', 'web3'].map((host, index) =>
      holding(host, 'c', [...(index === 2 ? lie : [r1, r2]), c]),
    );
    for (const reference of ['d'.repeat(40), 'dddd', 'b', 'd']) {
      const error = refusal(hosts, reference);
      expect(error.code).toBe('hosts_disagree');
      expect(error.message).toMatch(/on web3; .* on web1, web2$/);
    }
  });

  test('is refused where it is bad on a host, and --force goes over that on record', () => {
    const bad = known('b', 2, { standing: 'bad' });
    const hosts = [holding('web1', 'c', [a, b, c]), holding('web2', 'c', [a, bad, c])];
    const error = refusal(hosts, 'b');
    expect(error.code).toBe('release_bad');
    expect(error.message).toContain('web2');
    expect(candidates(error)).toEqual(['a']);
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
