import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { viewOrigins } from '../../../src/config/inventory/origin.js';
import { viewInventory } from '../../../src/config/inventory/view.js';
import { selectHosts, selectShown } from '../../../src/model/hosts/select.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { mistakesOf, refusalOf, shown } from '../support/shown.js';
import { objections, reached, readFiles as read, yaml } from './support/read-files.js';

const mistakes = (text: string) => mistakesOf(() => yaml(text));

describe('inventories as people have them:', () => {
  test("Ansible's INI form with ranges, children and variables of groups", async () => {
    const text = `mail.example.org

[web]
n[1:3].example.org ansible_port=2222
db1 ansible_host=192.0.2.9

[db]
db1

[prod:children]
web
db

[prod:vars]
ansible_user=deploy
`;
    const inventory = await read({ 'hosts.ini': text });
    expect(reached(inventory)).toEqual({
      'mail.example.org': 'me@mail.example.org:22',
      'n1.example.org': 'deploy@n1.example.org:2222',
      'n2.example.org': 'deploy@n2.example.org:2222',
      'n3.example.org': 'deploy@n3.example.org:2222',
      db1: 'deploy@192.0.2.9:22',
    });
    expect(inventory.groups.get('prod')?.hosts).toHaveLength(4);
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['mail.example.org']);
  });

  const tree = {
    'inv/hosts.yml': 'all:\n  children:\n    web: {hosts: {n1: , n2: }}\n    db: {hosts: {d1: }}\n',
    'inv/group_vars/web/conn.yml': 'ansible_port: 2222\n',
    'inv/group_vars/all.yml': 'ansible_user: deploy\nansible_ssh_private_key_file: ~/.ssh/deploy\n',
    'inv/host_vars/n1.yml': 'ansible_host: 192.0.2.1\n',
  };

  test.each(['inv', 'inv/hosts.yml'])(
    'group_vars and host_vars beside an inventory that is named as %s',
    async (path) => {
      const inventory = await read(tree, path);
      expect(reached(inventory)).toEqual({
        n1: 'deploy@192.0.2.1:2222',
        n2: 'deploy@n2:2222',
        d1: 'deploy@d1:22',
      });
      expect(inventory.hosts[2]?.ssh.identityFiles).toEqual(['/home/me/.ssh/deploy']);
    },
  );

  test('each value of such files has its place', async () => {
    const { hosts } = viewOrigins(await read(tree, 'inv'), { groups: [], limit: 'n1' });
    expect(hosts[0]?.settings.slice(0, 3)).toMatchObject([
      { setting: 'address', files: ['inv/host_vars/n1.yml'], line: 1, column: 15 },
      { setting: 'user', files: ['inv/group_vars/all.yml'], line: 1 },
      { setting: 'port', files: ['inv/group_vars/web/conn.yml'], line: 1 },
    ]);
  });

  test('groups at the top, without all', async () => {
    const inventory = await yaml(
      'frontends:\n  hosts:\n    n1: {ansible_host: 192.0.2.1}\nsite:\n  children:\n    frontends:\n  vars: {ansible_user: deploy}\n',
    );
    expect(reached(inventory)).toEqual({ n1: 'deploy@192.0.2.1:22' });
    expect(inventory.groups.get('site')?.children).toEqual(['frontends']);
  });

  const foreign = `all:
  children:
    control: {hosts: {localhost: {ansible_connection: local}}}
    win: {hosts: {w1: {ansible_host: 192.0.2.7, ansible_user: 'CORP\\admin', ansible_connection: winrm}}}
    web: {hosts: {n1: {ansible_host: 192.0.2.1}}}
`;

  test('hosts that are not reached by SSH matter only where they are selected', async () => {
    const inventory = await yaml(foreign);
    expect(selectHosts(inventory, { groups: ['web'] })).toHaveLength(1);
    expect(await objections(foreign, 'all')).toEqual([
      "3:55 localhost is not reached by SSH: ansible_connection is local (leave the host out: -l '!localhost')",
      "4:97 w1 is not reached by SSH: ansible_connection is winrm (leave the host out: -l '!w1')",
    ]);
    expect(selectHosts(inventory, { groups: ['all'], limit: '!localhost,!w1' })).toHaveLength(1);
  });

  test('and are left out of what is shown, which says so', async () => {
    const { hosts, leftOut } = selectShown(await yaml(foreign), { groups: ['all'] });
    expect(hosts.map((host) => host.name)).toEqual(['n1']);
    expect(leftOut.map(shown)).toHaveLength(2);
  });

  const templates = `all:
  vars:
    ssh_port: 2222
    who: deploy
  children:
    web: {hosts: {n1: {ansible_host: 192.0.2.1, ansible_port: "{{ ssh_port }}", ansible_user: "{{ who }}"}}}
    edge: {hosts: {e1: {ansible_host: "{{ vault_e1 }}"}}}
    lan: {hosts: {l1: {ansible_host: "{{ inventory_hostname }}.lan"}}}
    odd: {hosts: {o1: {ansible_host: "{{ who | upper }}"}, o2: {ansible_port: "{{ a }}", a: "{{ b }}", b: "{{ a }}"}}}
`;

  test('plain templates are worked out, others are refused where they are selected', async () => {
    expect(reached(await yaml(templates))).toMatchObject({
      n1: 'deploy@192.0.2.1:2222',
      l1: 'me@l1.lan:22',
    });
    expect((await objections(templates, 'edge'))[0]).toContain(
      'ansible_host of e1 is {{ vault_e1 }}, and vault_e1 is not set for this host',
    );
    const [filter, circle] = await objections(templates, 'odd');
    expect(filter).toContain('{{ who | upper }}, a template that fleet does not work out');
    expect(circle).toContain('is a template that leads back to itself');
  });

  test('two names of one machine are a mistake only where both are selected', async () => {
    const text =
      'all:\n  children:\n    app: {hosts: {a1: {ansible_host: 192.0.2.1}, a2: {ansible_host: 192.0.2.2}}}\n    mon: {hosts: {m1: {ansible_host: 192.0.2.1}}}\n';
    expect(selectHosts(await yaml(text), { groups: ['app'] })).toHaveLength(2);
    expect((await objections(text, 'app,mon'))[0]).toContain(
      'm1 and a1 (hosts.yml:3:19) are one machine',
    );
  });

  test('a host may have the name of a group', async () => {
    const inventory = await yaml(
      'all:\n  children:\n    bastion: {hosts: {bastion: {ansible_host: 192.0.2.9}}}\n    web: {hosts: {n1: {ansible_host: 192.0.2.1}}}\n',
    );
    expect(reached(inventory)).toEqual({ bastion: 'me@192.0.2.9:22', n1: 'me@192.0.2.1:22' });
    expect(inventory.notices.map(shown)).toEqual([
      '3:23 bastion is a host and a group: -g and -l mean the group',
    ]);
  });

  test('encrypted values are ignored, except where the connection needs them', async () => {
    const vault = '!vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6132\n';
    const text = `all:\n  hosts:\n    n1:\n      ansible_host: 192.0.2.1\n      ansible_become_pass: ${vault}      banner: !unsafe 'a {{ b }}'\n`;
    const inventory = await yaml(text);
    expect(reached(inventory)).toEqual({ n1: 'me@192.0.2.1:22' });
    expect(inventory.hosts[0]?.vars).toEqual({ banner: 'a {{ b }}' });
    const found = await objections(text.replace('ansible_become_pass', 'ansible_port'), 'all');
    expect(found[0]).toContain('ansible_port of n1 is encrypted by ansible-vault');
  });

  test.each([
    'all:\n  hosts: n1.example.org\n  vars: {ansible_user: deploy}\n',
    'all:\n  hosts:\n    n1.example.org\n  vars: {ansible_user: deploy}\n',
    'all:\n  children: web\n  vars: {ansible_user: deploy}\nweb:\n  hosts: n1.example.org\n',
  ])('a bare name instead of a map: %j', async (text) => {
    expect(reached(await yaml(text))).toEqual({ 'n1.example.org': 'deploy@n1.example.org:22' });
  });

  test('relative keys start at the working directory, as for ssh', async () => {
    const cwd = await folderOf({
      'inventory/hosts.yml': 'all: {hosts: {n1: {ansible_ssh_private_key_file: ./keys/id}}}',
    });
    const { hosts } = await loadInventory({ ...person, cwd, paths: ['inventory/hosts.yml'] });
    expect(hosts[0]?.ssh.identityFiles).toEqual([join(cwd, 'keys/id')]);
  });

  test.each([
    'ssh',
    'smart',
    'paramiko',
    'ansible.builtin.ssh',
    'ansible.builtin.paramiko_ssh',
    'ansible.legacy.ssh',
    'ansible.netcommon.libssh',
  ])('the connection %s is one by SSH', async (connection) => {
    const inventory = await yaml(`all: {hosts: {n1: {ansible_connection: ${connection}}}}`);
    expect(selectHosts(inventory, { groups: ['all'] })).toHaveLength(1);
  });

  test('ranges with steps, and ports in names', async () => {
    const text =
      'all:\n  hosts:\n    n[01:09:4].example.org:\n    web.example.org:2222:\n    "[2001:db8::1]:2200":\n';
    expect(reached(await yaml(text))).toEqual({
      'n01.example.org': 'me@n01.example.org:22',
      'n05.example.org': 'me@n05.example.org:22',
      'n09.example.org': 'me@n09.example.org:22',
      'web.example.org': 'me@web.example.org:2222',
      '2001:db8::1': 'me@2001:db8::1:2200',
    });
  });

  test('empty groups are groups', async () => {
    const text =
      'all:\n  hosts: {n1: }\n  children:\n    calico-rr: {hosts: {}}\n    web: {hosts: {n1: }}\n';
    const inventory = await yaml(text);
    const names = viewInventory(inventory, { groups: [] }).groups.map((group) => group.name);
    expect(names).toEqual(['all', 'calico-rr', 'web']);
  });

  test('keys at the top that begin with x- are the own of who wrote them', async () => {
    const text =
      'x-common: &c {ansible_user: deploy}\nall:\n  hosts:\n    n1: {<<: *c, ansible_host: 192.0.2.1}\n';
    const inventory = await yaml(text);
    expect(reached(inventory)).toEqual({ n1: 'deploy@192.0.2.1:22' });
    expect(inventory.notices).toEqual([]);
  });

  test.each(['192.0.2.1:2222', 'host:22', '1:2'])(
    'a port is no part of an address: %s',
    async (address) => {
      expect((await mistakes(`all: {hosts: {n1: {ansible_host: "${address}"}}}`))[0]).toContain(
        `ansible_host must be a DNS name or an IP address, not ${address} (a port is set by ansible_port)`,
      );
      const native = `groups: {a: {hosts: [{name: n1, address: "${address}"}]}}`;
      expect((await mistakes(native))[0]).toContain('must be a DNS name or an IP address');
    },
  );

  test('user and host are taken apart where they are written as one', async () => {
    const text =
      'all:\n  hosts:\n    deploy@192.0.2.1:\n    n2: {ansible_host: ops@192.0.2.2}\n    n3: {ansible_host: ops@192.0.2.3, ansible_user: me2}\n';
    expect(reached(await yaml(text))).toEqual({
      'deploy@192.0.2.1': 'deploy@192.0.2.1:22',
      n2: 'ops@192.0.2.2:22',
      n3: 'me2@192.0.2.3:22',
    });
  });

  test('a mistake never shows a password that is on its line', async () => {
    const error = await refusalOf(() =>
      read({ 'hosts.ini': 'n1 ansible_port=x ansible_ssh_pass="ge heim"\n' }),
    );
    expect(error.problems[0]?.location?.text).toBe('n1 ansible_port=x ansible_ssh_pass=*********');
  });
});
