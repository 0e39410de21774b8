import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/model/hosts/host.js';
import { hasSsh, inventoryWith } from '../support/ssh-config-stage.js';

const HOSTS = 'groups: { g: { hosts: [vm1, inner] } }\n';

async function hostsOf(config: string) {
  const { hosts, home } = await inventoryWith(config, HOSTS);
  const [inner, vm1] = hosts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { inner, vm1, home };
}

const wayOf = (host: Host | undefined) => {
  const jump = host?.ssh.jump ?? null;
  return jump && { user: jump.ssh.user, address: jump.address, port: jump.ssh.port };
};

describe.skipIf(!hasSsh)('a value of ssh_config that equals a default', () => {
  test('is an address as any other: localhost', async () => {
    const config = `Host vm1
  HostName localhost
  Port 2222
Host inner
  HostName 192.0.2.3
  ProxyJump vm1
`;
    const { vm1, inner } = await hostsOf(config);
    expect(vm1).toMatchObject({ address: 'localhost', ssh: { port: 2222 } });
    expect(inner?.address).toBe('192.0.2.3');
    expect(wayOf(inner)).toEqual({ user: 'me', address: 'localhost', port: 2222 });
  });

  test('holds against what a later line says', async () => {
    const config = `Host vm1
  Port 22
  StrictHostKeyChecking ask
  IdentitiesOnly no
Host *
  Port 2222
  StrictHostKeyChecking accept-new
  IdentitiesOnly yes
`;
    const { vm1, inner } = await hostsOf(config);
    expect(vm1?.ssh).toMatchObject({ port: 22, hostKeys: 'strict', identitiesOnly: false });
    expect(inner?.ssh).toMatchObject({ port: 2222, hostKeys: 'accept-new', identitiesOnly: true });
  });

  test('a jump host has its own user, key and port, and none that ssh_config has for the host behind it', async () => {
    const config = `Host gate
  Port 2022
Host inner
  User deploy
  IdentityFile ~/.ssh/inner
  UserKnownHostsFile ~/.ssh/inner_hosts
  ProxyJump gate
Host vm1
  User deploy
  IdentityFile ~/.ssh/inner
  ProxyJump ops@other:2200
Host other
  IdentityFile ~/.ssh/other
`;
    const { vm1, inner, home } = await hostsOf(config);
    expect(wayOf(inner)).toEqual({ user: 'me', address: 'gate', port: 2022 });
    expect(inner?.ssh.jump?.ssh.identityFiles).toEqual([]);
    expect(inner?.ssh.jump?.ssh.knownHosts).not.toContain(`${home}/.ssh/inner_hosts`);
    expect(wayOf(vm1)).toEqual({ user: 'ops', address: 'other', port: 2200 });
    expect(vm1?.ssh.jump?.ssh.identityFiles).toEqual([`${home}/.ssh/other`]);
  });

  test('RevokedHostKeys is taken over, but for none', async () => {
    const config =
      'Host vm1\n  RevokedHostKeys ~/.ssh/revoked\nHost inner\n  RevokedHostKeys none\n';
    const { vm1, inner, home } = await hostsOf(config);
    expect(vm1?.ssh.revokedHostKeys).toBe(`${home}/.ssh/revoked`);
    expect(inner?.ssh.revokedHostKeys).toBeUndefined();
  });
});
