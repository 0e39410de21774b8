import { describe, expect, test } from 'vitest';
import { jumpText } from '../../../src/config/settings/jump.js';
import { selectHosts } from '../../../src/model/hosts/select.js';
import { mistakesOf } from '../support/shown.js';
import { objections, yaml } from './support/read-files.js';

describe("arguments of ssh in Ansible's variables", () => {
  test.each([
    ['ansible_ssh_common_args', '-o ProxyCommand="ssh -W %h:%p -q ops@gw"', 'ops@gw'],
    ['ansible_ssh_common_args', '-o StrictHostKeyChecking=no -o ProxyJump=ops@gw', 'ops@gw'],
    ['ansible_ssh_common_args', '-o ProxyJump="ops@gw"', 'ops@gw'],
    ['ansible_ssh_args', '-o ProxyJump=ops@gw', 'ops@gw'],
    ['ansible_ssh_extra_args', '-J ops@gw', 'ops@gw'],
    ['ansible_ssh_common_args', '-CqJops@gw,gw2 -o ForwardAgent=yes', 'ops@gw,gw2'],
    [
      'ansible_ssh_common_args',
      "-o 'ProxyCommand exec /usr/bin/ssh -p 2222 ops@gw -W [%h]:%p'",
      'ops@gw:2222',
    ],
    ['ansible_ssh_common_args', '-o ProxyCommand="ssh -o Port=99 -l ops -W %h:%p gw"', 'ops@gw:99'],
    ['ansible_ssh_common_args', '-o ProxyCommand=none', null],
    ['ansible_ssh_common_args', '-o StrictHostKeyChecking=no', null],
  ])('%s: %s leads through %s', async (name, args, way) => {
    const inventory = await yaml(JSON.stringify({ all: { hosts: { n1: { [name]: args } } } }));
    const [host] = selectHosts(inventory, { groups: ['all'] });
    expect(jumpText(host?.ssh.jump ?? null)).toBe(way);
  });

  test.each([
    [
      { ansible_ssh_common_args: '-o ProxyCommand="ssh gw nc %h %p"' },
      'ProxyCommand ssh gw nc %h %p',
    ],
    [
      { ansible_ssh_common_args: '-o ProxyCommand="corkscrew p 80 %h %p"' },
      'ProxyCommand corkscrew',
    ],
    [{ ansible_ssh_common_args: '-o "ProxyJump=gw' }, 'a quote is not closed'],
    [{ ansible_ssh_args: 'ProxyJump=gw' }, 'ProxyJump=gw is not an option of ssh'],
    [
      { ansible_connection: 'paramiko', ansible_paramiko_proxy_command: 'nc %h' },
      'ProxyCommand nc %h',
    ],
    [{ ansible_ssh_executable: '/opt/bastion-ssh' }, 'another program than ssh'],
  ])('%j is never dialled directly', async (vars, reason) => {
    const found = await objections(JSON.stringify({ all: { hosts: { n1: vars } } }), 'all');
    expect(found[0]).toContain(reason);
  });

  test('a jump host has a login of its own, and the keys that it is named with', async () => {
    const command = '-o ProxyCommand="ssh -i gw.pem -W %h:%p gw"';
    const login = { ansible_user: 'deploy', ansible_ssh_private_key_file: 'k.pem' };
    const vars = {
      n1: { ansible_ssh_common_args: command },
      n2: { ansible_ssh_common_args: '-J gw' },
    };
    const inventory = await yaml(JSON.stringify({ all: { hosts: vars, vars: login } }));
    const hosts = selectHosts(inventory, { groups: ['all'] });
    expect(hosts.map(({ ssh }) => [ssh.user, ...ssh.identityFiles].join())).toEqual(
      hosts.map(() => expect.stringMatching(/^deploy,.*\/k\.pem$/)),
    );
    const jumps = hosts.map(({ ssh }) => ssh.jump?.ssh);
    expect(jumps.map((ssh) => ssh?.user)).toEqual(['me', 'me']);
    expect(jumps[0]?.identityFiles).toEqual([expect.stringMatching(/\/gw\.pem$/)]);
    // The usual ones of this person, as for ssh.
    expect(jumps[1]?.identityFiles).toEqual([expect.stringMatching(/\/\.ssh\/id_rsa$/)]);
  });

  test('what keeps a jump host from being reached keeps the hosts behind it too', async () => {
    const text =
      'all:\n  hosts:\n    gw: {ansible_host: "{{ x }}"}\n    n1: {ansible_ssh_common_args: -J gw}\n';
    const inventory = await yaml(text);
    const found = await mistakesOf(() => selectHosts(inventory, { groups: ['all'], limit: 'n1' }));
    expect(found[0]).toContain('n1 is reached through gw: ansible_host of gw is {{ x }}');
  });
});
