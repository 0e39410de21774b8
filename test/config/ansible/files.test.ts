import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { ownersOf } from '../../../src/config/paths/owners.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { mistakesOf, refusalOf, shown } from '../support/shown.js';

type Files = Readonly<Record<string, string>>;

async function read(files: Files, paths: readonly string[] = ['.']) {
  const cwd = await folderOf(files);
  return loadInventory({ ...person, cwd, paths });
}

const mistakes = (text: string) => mistakesOf(() => read({ 'hosts.ini': text }));

describe('mistakes of the INI form are shown at their place:', () => {
  test.each([
    [
      '[web:kids]\na\n',
      '1:1 [web:kids] is not a kind of section (a section is [GROUP], [GROUP:children] or [GROUP:vars])',
    ],
    ['[web db]\na\n', '1:1 [web db] is not a section (it has spaces, or a : too many)'],
    ['[web]\na user=b stray\n', '2:10 NAME=VALUE is needed here, not stray'],
    ['[web]\na user="b\n', '2:1 a quote is not closed'],
    ['[web]\na:\n', '2:1 a: is not a host name (a port follows the colon; is this file YAML?)'],
    ['[web]\na\n[web:vars]\nuser deploy\n', '4:1 NAME=VALUE is needed here, not user deploy'],
    ['[web:children]\ndb\n', '2:1 there is no group db (a section [db] makes one)'],
    ['[db:vars]\na=1\n', '1:1 there is no group db (a section [db] makes one)'],
    ['[web:children]\nweb\n[web]\n', '2:1 web holds itself'],
    ['[a:children]\nb\n[b:children]\na\n', '4:1 b holds a, which holds b: a circle'],
    ['[web]\na[3:1]\n', '2:1 [3:1] goes down; a range goes up'],
    ['[web]\na[1:2:0]\n', '2:1 [1:2:0] is not a range such as [01:20], [1:9:2] or [a:f]'],
    ['[web]\na[1:99999]\n', '2:1 [1:99999] expands to more than 10000 hosts'],
    [
      '[web]\na ansible_port=many\n',
      '2:3 ansible_port must be a whole number from 1 to 65535, not many',
    ],
    [
      '[web:vars]\nansible_group_priority=high\n[web]\n',
      '2:1 ansible_group_priority must be a whole number',
    ],
    [
      '[web]\n-oProxyCommand=x\n',
      '2:1 -oProxyCommand=x is not a host name, such as web1 or web[01:20].example.com',
    ],
  ])('%j', async (text, mistake) => {
    expect(await mistakes(text)).toEqual([mistake]);
  });

  test('those of YAML where a file is YAML by its name and has no section', async () => {
    const found = await mistakesOf(() => read({ 'a.yaml': 'groups:\n  a: "b\n' }));
    expect(found[0]).toContain('this is not valid YAML');
  });
});

describe('what is nearer to a host goes first:', () => {
  const at = async (files: Files) => (await read(files, ['inv'])).hosts[0]?.vars;

  test('all, a group, a deeper group, the host, each in the inventory and then in files', async () => {
    const names = ['all', 'top', 'deep', 'host', 'fall', 'ftop', 'fdeep', 'fhost'];
    const set = (from: number) => names.slice(from).map((name) => `${name}=`);
    const vars = (from: number, by: string) =>
      set(from)
        .map((each) => each + by)
        .join('\n');
    const yaml = (from: number, by: string) => vars(from, by).replaceAll('=', ': ');
    const ini = `[deep]\nh ${vars(3, 'host').replaceAll('\n', ' ')}\n[top:children]\ndeep\n[all:vars]\n${vars(0, 'all')}\n[deep:vars]\n${vars(2, 'deep')}\n[top:vars]\n${vars(1, 'top')}\n`;
    const found = await at({
      'inv/hosts': ini,
      'inv/group_vars/all': yaml(4, 'fall'),
      'inv/group_vars/top.yml': yaml(5, 'ftop'),
      'inv/group_vars/deep.yaml': yaml(6, 'fdeep'),
      'inv/host_vars/h.json': JSON.stringify({ fhost: 'fhost' }),
    });
    // The host's own line outranks the files of groups.
    expect(found).toEqual({
      all: 'all',
      top: 'top',
      deep: 'deep',
      host: 'host',
      fall: 'host',
      ftop: 'host',
      fdeep: 'host',
      fhost: 'fhost',
    });
  });

  test('of groups as deep the one of the greater priority, then the later name', async () => {
    const group = (name: string, priority: string) =>
      `[${name}]\nh\n[${name}:vars]\nx=${name}\n${priority}\n`;
    expect(await at({ 'inv/hosts': group('a', '') + group('b', '') })).toEqual({ x: 'b' });
    const first = group('a', 'ansible_group_priority=2') + group('b', '');
    expect(await at({ 'inv/hosts': first })).toEqual({ x: 'a' });
  });

  test('a group of the own form outranks the group variables of Ansible, and not the host variables', async () => {
    const { hosts } = await read({
      'a.ini': '[web]\nh ansible_port=1\n[web:vars]\nansible_user=ansible\n',
      'b.yaml': 'groups: { mine: { children: [web], ssh: { user: own, port: 2 } } }',
    });
    expect(hosts[0]?.ssh).toMatchObject({ user: 'own', port: 1 });
  });
});

describe('a folder of inventories', () => {
  test('is read with what lies below, but for what Ansible passes over', async () => {
    const { hosts, notices } = await read({
      '10-a': '[web]\na\n',
      '20-b.yml': 'web: {hosts: {b: }}\n',
      'sub/c.ini': 'c\n',
      '.hidden': 'no1\n',
      'old~': 'no2\n',
      'readme.md': 'no3\n',
      'x.bak': 'no4\n',
      'ansible.cfg': '[defaults]\nno5\n',
      'group_vars/web': 'k: v\n',
      LICENSE: 'This is no inventory\n',
      'sub/group_vars/all.yml': 'k: w\n',
    });
    expect(hosts.map(({ name, vars }) => [name, vars.k])).toEqual([
      ['a', 'v'],
      ['b', 'v'],
      ['c', undefined],
    ]);
    const found = notices.map(({ message }) => message);
    expect(found[0]).toContain(
      'sub/group_vars is not read: it counts only for an inventory that is named directly',
    );
    expect(found[1]).toBe('LICENSE is ignored: it is not an inventory that fleet can read');
  });

  test('has one file of variables for each name, the first of its forms, or all of a folder', async () => {
    const { hosts } = await read({
      hosts: 'a\nb\n',
      'host_vars/a.yml': 'k: yml\n',
      'host_vars/a.json': '{"k": "json"}',
      'host_vars/b/1.yml': 'k: one\nl: one\n',
      'host_vars/b/2': 'k: two\n',
      'host_vars/b/3.txt': 'k: three\n',
      'host_vars/b/.4.yml': 'k: four\n',
      'host_vars/b/sub/5.yaml': '---\n',
    });
    expect(hosts.map(({ vars }) => vars)).toEqual([{ k: 'yml' }, { k: 'two', l: 'one' }]);
  });

  test('of variables that are no map is refused', async () => {
    const found = await mistakesOf(() => read({ hosts: 'a\n', 'group_vars/all.yml': '- a\n' }));
    expect(found).toEqual(['1:1 a map of variables is needed here']);
  });

  test('beside playbooks is named where it is not read', async () => {
    const files = { 'inv/hosts': 'a\n', 'group_vars/all.yml': 'k: v\n' };
    const { notices } = await read(files, ['inv']);
    expect(notices.map(shown)[0]).toContain('group_vars of the working directory is not read');
    expect((await read(files, ['inv/hosts', 'group_vars/../inv'])).notices).toHaveLength(1);
  });

  test('that another user could have written is refused, its files of variables too', async () => {
    const cwd = await folderOf({ 'inv/hosts': 'a\n', 'open/all.yml': 'k: v\n' });
    await mkdir(join(cwd, 'inv/group_vars'));
    await symlink('/etc/passwd', join(cwd, 'inv/group_vars/none.yml'));
    await symlink(join(cwd, 'open/all.yml'), join(cwd, 'inv/group_vars/all.yml'));
    const owners = ownersOf({});
    const load = () => loadInventory({ ...person, cwd, owners, paths: ['inv'] });
    expect((await load()).hosts[0]?.vars).toEqual({ k: 'v' });
    const { chmod } = await import('node:fs/promises');
    await chmod(join(cwd, 'open'), 0o777);
    expect(await refusalOf(load)).toMatchObject({ code: 'untrusted_file' });
  });
});
