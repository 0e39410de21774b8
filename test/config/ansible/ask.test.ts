import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { selectHosts } from '../../../src/model/hosts/select.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { mistakesOf } from '../support/shown.js';
import { hasAnsible } from './support/oracle.js';

const missing = process.env.FLEET_REAL !== 'always' && !hasAnsible();
if (missing) process.stderr.write('ansible-core is not installed: nothing is asked of it\n');

// Debian's programs, before any other Python of this machine.
const PATH = `/usr/bin:/bin`;
const SECRET = `$ANSIBLE_VAULT;1.1;AES256
`;

type Files = Readonly<Record<string, string>>;

async function read(files: Files, more: { runPrograms?: boolean; env?: Files } = {}) {
  const cwd = await folderOf(files);
  const env = { PATH, HOME: cwd, ANSIBLE_LOCAL_TEMP: join(cwd, '.tmp'), ...more.env };
  return loadInventory({ ...person, cwd, env, runPrograms: more.runPrograms, paths: ['inv'] });
}

const plugin = {
  'inv/10-hosts': '[web]\nn1 zone=a ansible_user=deploy\nn2 zone=b\n',
  'inv/20-by.yml':
    'plugin: ansible.builtin.constructed\nkeyed_groups:\n  - {key: zone, prefix: zone}\ncompose:\n  ansible_host: inventory_hostname ~ ".lan"\n',
};

describe.skipIf(missing)('Ansible itself is asked', { timeout: 120_000 }, () => {
  test('for the configuration of a plugin', async () => {
    const inventory = await read(plugin);
    expect(inventory.groups.get('zone_a')?.hosts).toEqual(['n1']);
    expect(inventory.hosts.map(({ address, ssh }) => `${ssh.user}@${address}`)).toEqual([
      'deploy@n1.lan',
      'me@n2.lan',
    ]);
  });

  test('and what it says of a file that it cannot read is shown', async () => {
    const found = await mistakesOf(() => read({ 'inv/a.yml': 'plugin: no.such.plugin\n' }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      "inv/a.yml is the configuration of Ansible's inventory plugin no.such.plugin",
    );
    expect(found[0]).toContain("specifies unknown plugin 'no.such.plugin'");
  });

  test('never where nothing may be run: what is not read is named', async () => {
    const { unread } = await read(plugin, { runPrograms: false });
    expect(unread).toEqual([
      "inv/20-by.yml is the configuration of Ansible's inventory plugin ansible.builtin.constructed, which ansible-inventory reads",
    ]);
  });

  test('never about files that another user could have written', async () => {
    const cwd = await folderOf(plugin);
    await chmod(join(cwd, 'inv/20-by.yml'), 0o666);
    const found = await mistakesOf(() =>
      loadInventory({ ...person, cwd, env: { PATH }, paths: ['inv'] }),
    );
    expect(found[0]).toContain('another user could have written');
    expect(found[0]).toContain('every user may write it');
  });

  test('for templates that fleet does not work out, only where they say how a host is reached', async () => {
    const inventory = await read({
      'inv/hosts': `n1 base=10 ansible_host="{{ 'h' ~ base }}" ansible_port="{{ base | int + 22 }}" other="{{ nope | x }}"\nn2 ansible_host="{{ missing | upper }}"\n`,
    });
    const [host] = selectHosts(inventory, { groups: ['all'], limit: 'n1' });
    expect(host).toMatchObject({ address: 'h10', ssh: { port: 32 } });
    const found = await mistakesOf(() => selectHosts(inventory, { groups: ['all'] }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('ansible_host of n2 is {{ missing | upper }}');
  });

  test('for what ansible-vault has encrypted, where it knows the password', async () => {
    const { execFileSync } = await import('node:child_process');
    const cwd = await folderOf({
      'inv/hosts': 'n1 ansible_host="{{ vault_host }}"\n',
      pass: 'x\n',
    });
    const vaulted = join(cwd, 'inv/group_vars/all.yml');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(cwd, 'inv/group_vars'));
    await writeFile(vaulted, 'vault_host: 192.0.2.9\nansible_user: hidden\n');
    const env = { PATH, HOME: cwd, ANSIBLE_LOCAL_TEMP: join(cwd, '.tmp') };
    const known = { ...env, ANSIBLE_VAULT_PASSWORD_FILE: join(cwd, 'pass') };
    execFileSync('ansible-vault', ['encrypt', vaulted], { env: known, cwd, stdio: 'ignore' });
    const load = (by: Files) => loadInventory({ ...person, cwd, env: by, paths: ['inv'] });
    expect((await load(known)).hosts[0]).toMatchObject({
      address: '192.0.2.9',
      ssh: { user: 'hidden' },
    });
    const { notices, objections } = await load(env);
    expect(notices[0]?.message).toBe(
      'inv/group_vars/all.yml is encrypted by ansible-vault, and its values are not known here',
    );
    expect(objections).toHaveLength(1);
  });
});

test('encrypted variables that no connection needs keep nothing from being read', async () => {
  const cwd = await folderOf({
    'inv/hosts': 'n1\n',
    'inv/group_vars/all/vault.yml': `${SECRET}6132\n`,
    'inv/group_vars/all/vars.yml': 'ansible_user: deploy\n',
  });
  const { hosts, notices } = await loadInventory({ ...person, cwd, paths: ['inv'] });
  expect(hosts[0]?.ssh.user).toBe('deploy');
  expect(notices).toHaveLength(1);
});
