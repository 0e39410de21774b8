import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host, SshSettings } from '../../src/model/hosts/host.js';
import { openssh, ssh2 } from './support/contract-subjects.js';
import { hasSshd, type Sshd, startSshd } from './support/real-sshd.js';
import { hostAt, makeKey } from './support/ssh-server.js';

describe.skipIf(!hasSshd).each([
  ['ssh2', ssh2],
  ['openssh', openssh],
])('hosts that name one jump host, by %s,', (_name, create) => {
  function transport() {
    const made = create();
    onTestFinished(() => made.close());
    return made;
  }

  test.each([
    ['user', () => ({ user: 'nobody' }), 'auth_failed'],
    ['identity file', () => wrongKey(), 'auth_failed'],
    ['known_hosts', () => ({ knownHosts: hostAt(1).ssh.knownHosts }), 'host_key_unknown'],
    ['host key alias', () => ({ hostKeyAlias: 'other' }), 'host_key_unknown'],
  ] as const)('share no login there by another %s', async (_what, change, code) => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const { connect } = transport();
    expect((await connect(behind(web, bastion, {}))).kind).toBe('connected');
    expect(await connect(behind(web, bastion, change()))).toMatchObject({
      kind: 'failed',
      failure: { code, message: expect.stringMatching(/^jump host bastion: /) },
    });
  });

  test('share no login there by another port or way, so that each is the one asked for', async () => {
    const [one, two, web] = await Promise.all([startSshd(), startSshd(), startSshd()]);
    const { connect } = transport();
    const inner = { ...two.host, name: 'inner' };
    const outer = { ...one.host, name: 'outer' };
    for (const jump of [outer, inner, { ...inner, ssh: { ...inner.ssh, jump: outer } }]) {
      const outcome = await connect({ ...web.host, ssh: { ...web.host.ssh, jump } });
      expect(outcome.kind).toBe('connected');
    }
    expect([accepted(one), accepted(two)]).toEqual([1, 2]);
  });

  test('and would wait for it for different times, share the login', async () => {
    const [bastion, web] = await Promise.all([startSshd(), startSshd()]);
    const { connect } = transport();
    for (const change of [{}, { connectTimeoutMs: 9000 }, { keepaliveMs: 7000 }]) {
      expect((await connect(behind(web, bastion, change))).kind).toBe('connected');
    }
    expect(accepted(bastion)).toBe(1);
  });
});

function behind({ host }: Sshd, bastion: Sshd, change: Partial<SshSettings>): Host {
  const jump = { ...bastion.host, name: 'bastion', ssh: { ...bastion.host.ssh, ...change } };
  return { ...host, ssh: { ...host.ssh, jump } };
}

function wrongKey(): Partial<SshSettings> {
  const { identityFiles } = hostAt(1, { userKey: makeKey() }).ssh;
  return { identityFiles, identitiesOnly: true };
}

function accepted({ log }: Sshd): number {
  return log.filter((line) => line.startsWith('Accepted publickey')).length;
}
