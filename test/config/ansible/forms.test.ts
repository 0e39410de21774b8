import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { mistakesOf } from '../support/shown.js';
import { reached, readFiles as read } from './support/read-files.js';

describe('what a file is', () => {
  test.each([
    ['hosts.yaml', '[web]\nn1\n'],
    ['hosts', 'n1\n'],
    ['hosts.json', '{"all": {"hosts": {"n1": null}}}'],
    ['list.json', '{"_meta": {"hostvars": {}}, "web": {"hosts": ["n1"]}}'],
    ['web', 'web:\n  hosts: n1\n'],
  ])('is told by what is in it: %s', async (name, text) => {
    expect((await read({ [name]: text })).hosts.map((host) => host.name)).toEqual(['n1']);
  });

  test.each([
    [
      'aws_ec2.yml',
      'plugin: amazon.aws.aws_ec2\n',
      "the configuration of Ansible's inventory plugin amazon.aws.aws_ec2",
    ],
    ['vaulted.yml', '$ANSIBLE_VAULT;1.1;AES256\n6132\n', 'encrypted by ansible-vault'],
    ['hosts.toml', '[web]\n', "in Ansible's TOML form"],
  ])('%s is named for what it is, with the way out', async (name, text, what) => {
    const [found] = await mistakesOf(() => read({ [name]: text }));
    expect(found).toContain(`${name} is ${what}: only ansible-inventory reads that`);
    expect(found).toContain('exec ansible-inventory -i FILE --list');
  });

  test('is data whatever its mode, unless it begins with #! or is a binary', async () => {
    const files = {
      'hosts.yml': 'all: {hosts: {n1: }}',
      hosts: '[web]\nn2\n',
      'u.yaml': '#!/bin/false\nall: {hosts: {n3: }}',
    };
    const cwd = await folderOf(files);
    await writeFile(join(cwd, 'wide'), '[web]\0\n');
    for (const name of [...Object.keys(files), 'wide']) await chmod(join(cwd, name), 0o777);
    const paths = Object.keys(files);
    const { hosts } = await loadInventory({ ...person, cwd, paths });
    expect(hosts.map((host) => host.name)).toEqual(['n1', 'n2', 'n3']);
    const found = await mistakesOf(() => loadInventory({ ...person, cwd, paths: ['wide'] }));
    expect(found[0]).not.toContain('inventory program');
  });

  test('is a program that may not be run, where it begins with #! and its mode forbids it', async () => {
    const found = await mistakesOf(() => read({ inv: '#!/bin/sh\necho {}\n' }));
    expect(found).toEqual(['inv is an inventory program, but is not executable (chmod +x inv)']);
  });
});

describe('an inventory program without _meta', () => {
  async function program(host: string) {
    const cwd = await folderOf({});
    const text = `#!/bin/sh\ncase $1 in\n--list) echo '{"web": {"hosts": ["n1", "n2"]}}' ;;\n--host) ${host} ;;\nesac\n`;
    await writeFile(join(cwd, 'inv.sh'), text, { mode: 0o755 });
    return loadInventory({ ...person, env: { PATH: process.env.PATH }, cwd, paths: ['inv.sh'] });
  }

  test('is asked for each host', async () => {
    const inventory = await program(
      `[ "$2" = n2 ] || echo '{"ansible_host": "192.0.2.1", "ansible_user": "deploy"}'`,
    );
    expect(reached(inventory)).toEqual({ n1: 'deploy@192.0.2.1:22', n2: 'me@n2:22' });
  });

  test('that fails for a host is refused', async () => {
    const found = await mistakesOf(() => program('echo no such host >&2; exit 1'));
    expect(found[0]).toBe(
      'inv.sh: asked for n1, the inventory program failed: no such host (try: inv.sh --host n1)',
    );
  });
});
