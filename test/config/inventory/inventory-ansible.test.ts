import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { folderOf, inventoryOf, person } from '../support/inventory-folder.js';
import { mistakesOf } from '../support/shown.js';

const mistakes = (text: string) => mistakesOf(() => inventoryOf({ 'hosts.yml': text }));

describe("an inventory in Ansible's YAML form", () => {
  const text = `
all:
  vars:
    ansible_user: deploy
    ansible_password: geheim
    region: eu
  hosts:
    alone:
      ansible_host: 10.0.0.9
  children:
    web:
      hosts:
        web[01:03].eu:
        web1:
          ansible_host: 10.0.0.1
          ansible_port: "2222"
          ansible_ssh_private_key_file: ~/keys/web
          http_port: 80
      vars:
        ansible_user: www
    prod:
      children:
        web:
        db:
          hosts: { db1: }
`;

  test('is read as it is', async () => {
    const { hosts, groups } = await inventoryOf({ 'hosts.yml': text });
    expect(hosts.map((host) => host.name)).toEqual([
      'alone',
      'web01.eu',
      'web02.eu',
      'web03.eu',
      'web1',
      'db1',
    ]);
    expect(hosts[0]).toMatchObject({
      address: '10.0.0.9',
      ssh: { user: 'deploy' },
      groups: ['ungrouped'],
    });
    expect(hosts[4]).toMatchObject({
      address: '10.0.0.1',
      ssh: { user: 'www', port: 2222, identityFiles: ['/home/me/keys/web'] },
      vars: { region: 'eu', http_port: 80 },
      groups: ['prod', 'web'],
    });
    expect(groups.get('prod')?.hosts).toHaveLength(5);
    expect(groups.get('all')?.hosts).toHaveLength(6);
  });

  test('keeps passwords out of what is shown', async () => {
    expect(JSON.stringify((await inventoryOf({ 'hosts.yml': text })).hosts)).not.toContain(
      'geheim',
    );
  });

  test.each([
    ['-J gate:2222', 'gate'],
    ['-o ProxyJump=ops@gate:2222', 'gate'],
    ['-o "ProxyJump=gate:2222"', 'gate'],
    ['-o ProxyCommand="ssh -W %h:%p gate"', 'gate'],
    ['-J gate -o ForwardAgent=yes', 'gate'],
    ['-o ForwardAgent=yes', undefined],
  ])('takes a way from ansible_ssh_common_args: %s', async (args, address) => {
    const vars = { all: { hosts: { h: { ansible_ssh_common_args: args } } } };
    const { hosts } = await inventoryOf({ 'hosts.yml': JSON.stringify(vars) });
    expect(hosts[0]?.ssh.jump?.address).toBe(address);
  });

  test('goes together with files of the native form', async () => {
    const { groups } = await inventoryOf({
      'a.yaml': text,
      'b.yaml': 'groups: { more: { children: [web] } }',
    });
    expect(groups.get('more')?.hosts).toHaveLength(4);
  });

  test.each([
    ['all: { host: { h: } }', '1:8 unknown key host (did you mean hosts?)'],
    ['all: { hosts: [h] }', '1:15 a map of hosts is needed here'],
    ['all: { hosts: { "a b": } }', '1:17 a b is not a host name'],
    ['all: { hosts: { "w[2:1]": } }', '[2:1] goes down'],
    ['all: { hosts: { h: { ansible_port: no } } }', 'ansible_port must be a whole number'],
    ['all: { children: { "a,b": } }', '1:20 "a,b" is not a group name'],
    ['all: { children: { a: { children: { a: } } } }', 'a holds itself'],
    ['all: { children: { a: { children: { b: { children: { a: } } } } } }', 'a circle'],
    ['all: { hosts: { h: [] , i: 5 } }', 'a map of variables is needed here'],
  ])('%s: %s', async (wrong, message) => {
    const found = await mistakes(wrong);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});

describe('an inventory program', () => {
  async function inventoryFrom(script: string) {
    const cwd = await folderOf({});
    await writeFile(join(cwd, 'dynamic'), `#!/bin/sh\n${script}\n`);
    await chmod(join(cwd, 'dynamic'), 0o755);
    const env = { PATH: process.env.PATH, ZONE: 'eu' };
    return loadInventory({ ...person, cwd, env, paths: [cwd] });
  }

  test('is run with --list and its JSON read', async () => {
    const listing = {
      _meta: { hostvars: { w1: { ansible_host: '10.0.0.1', weight: 2 } } },
      all: { children: ['ungrouped', 'web'], vars: { ansible_user: 'deploy' } },
      web: { hosts: ['w1', 'w2'], vars: { tier: 'front' } },
      db: ['d1'],
    };
    const { hosts, groups } = await inventoryFrom(
      `[ "$1" = --list ] && [ "$ZONE" = eu ] && cat <<'END'\n${JSON.stringify(listing, null, '\t')}\nEND`,
    );
    expect(hosts.map((host) => host.name)).toEqual(['w1', 'w2', 'd1']);
    expect(hosts[0]).toMatchObject({
      address: '10.0.0.1',
      ssh: { user: 'deploy' },
      vars: { weight: 2, tier: 'front' },
    });
    expect([...groups.keys()]).toEqual(['all', 'web', 'db']);
  });

  test('that fails is shown with the last thing it said', async () => {
    const found = await mistakesOf(() =>
      inventoryFrom('echo one >&2; echo no such region >&2; exit 3'),
    );
    expect(found).toEqual([
      'dynamic: the inventory program failed: no such region (try: dynamic --list)',
    ]);
  });

  test('that prints no JSON is refused', async () => {
    const found = await mistakesOf(() => inventoryFrom('echo "hello: there: you"'));
    expect(found).toHaveLength(1);
    expect(await mistakesOf(() => inventoryFrom('echo'))).toEqual(['1:1 the file is empty']);
  });
});
