import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/config/inventory/load.js';
import { asHostName } from '../../../src/model/names.js';
import { folderOf, inventoryOf, person } from '../support/inventory-folder.js';
import { mistakesOf, refusalOf } from '../support/shown.js';

const one = async (text: string, env = {}) => {
  const { hosts } = await inventoryOf({ 'a.yaml': text }, env);
  const [host] = hosts;
  if (host === undefined) throw new Error('no host');
  return host;
};
const mistakes = (text: string) => mistakesOf(() => inventoryOf({ 'a.yaml': text }));

describe('an inventory', () => {
  test('has ranges, maps, children and layers, as in the design', async () => {
    const inventory = await inventoryOf({
      'prod.yaml': `
ssh: { user: deploy, port: 22, identity_file: ~/.ssh/id_ed25519, known_hosts: ~/.ssh/known_hosts,
       host_keys: strict, jump: bastion.example.com, transport: ssh2, connect_timeout: 15s, keepalive: 15s }
groups:
  web:
    hosts:
      - web[01:20].eu.example.com
      - { name: web21, address: 10.0.0.21, port: 2222, labels: { zone: b }, vars: { weight: 2 } }
    ssh: { user: www }
    labels: { zone: a }
  prod: { children: [web, worker], labels: { zone: none, env: prod } }
`,
      'worker.yml': 'groups: { worker: { hosts: ["w[a:b]"] } }',
      'notes.txt': 'not read',
    });
    expect(inventory.hosts).toHaveLength(23);
    expect(inventory.hosts[0]).toMatchObject({
      name: 'web01.eu.example.com',
      address: 'web01.eu.example.com',
      ssh: { user: 'www', identityFiles: ['/home/me/.ssh/id_ed25519'], connectTimeoutMs: 15_000 },
      labels: { zone: 'a', env: 'prod' },
      groups: ['prod', 'web'],
    });
    expect(inventory.hosts[20]).toMatchObject({
      name: 'web21',
      address: '10.0.0.21',
      ssh: { port: 2222, jump: { address: 'bastion.example.com' } },
      labels: { zone: 'b', env: 'prod' },
      vars: { weight: 2 },
    });
    expect([...inventory.groups.keys()]).toEqual(['all', 'web', 'prod', 'worker']);
    expect(inventory.groups.get('prod')).toMatchObject({ children: ['web', 'worker'] });
    expect(inventory.groups.get('prod')?.hosts).toHaveLength(23);
    expect(inventory.locate(asHostName('wa'))).toMatchObject({ file: 'worker.yml', line: 1 });
  });

  test('where it is silent takes what the person has', async () => {
    const { ssh } = await one('groups: { a: { hosts: [h] } }', { SSH_AUTH_SOCK: '/run/agent' });
    expect(ssh).toEqual({
      user: 'me',
      port: 22,
      identityFiles: ['/home/me/.ssh/id_rsa'],
      agent: '/run/agent',
      identitiesOnly: false,
      passphrase: null,
      knownHosts: ['/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
      hostKeys: 'strict',
      hostKeyAlias: null,
      jump: null,
      transport: 'ssh2',
      connectTimeoutMs: 15_000,
      keepaliveMs: 15_000,
    });
  });

  test.each([
    ['false', null],
    ['true', '/run/agent'],
    ['~/agent.sock', '/home/me/agent.sock'],
  ])('with agent: %s asks %s', async (agent, socket) => {
    const text = `ssh: { agent: ${agent} }\ngroups: { a: { hosts: [h] } }`;
    const host = await one(text, { SSH_AUTH_SOCK: '/run/agent' });
    expect(host.ssh.agent).toBe(socket);
  });

  test('reads relative paths from its own folder', async () => {
    const dir = await folderOf({
      'inv/a.yaml':
        'ssh: { identity_file: [keys/id], passphrase: env:PASS }\ngroups: { a: { hosts: [h] } }',
    });
    const { hosts } = await loadInventory({ ...person, cwd: dir, paths: ['inv/a.yaml'] });
    expect(hosts[0]?.ssh.identityFiles).toEqual([join(dir, 'inv/keys/id')]);
    expect(hosts[0]?.ssh.passphrase).toBe('env:PASS');
  });

  test('gives a name and an address the same ranges', async () => {
    const text = 'groups: { a: { hosts: [{ name: "w[1:3]", address: "10.0.0.[11:13]" }] } }';
    const { hosts } = await inventoryOf({ 'a.yaml': text });
    expect(hosts.map((host) => host.address)).toEqual(['10.0.0.11', '10.0.0.12', '10.0.0.13']);
  });

  test('knows IPv6 addresses', async () => {
    const text = 'groups: { a: { hosts: ["fe80::1", { name: b, address: "::1" }] } }';
    const { hosts } = await inventoryOf({ 'a.yaml': text });
    expect(hosts.map((host) => host.address)).toEqual(['fe80::1', '::1']);
  });

  test('of 5,000 hosts from ranges is read in less than 200 ms of CPU', async () => {
    const text = `
groups:
  web: { hosts: ["web[0001:2500].eu"], labels: { zone: a } }
  app: { hosts: ["app[0001:2500].eu"], ssh: { user: app } }
  prod: { children: [web, app] }
`;
    const dir = await folderOf({ 'a.yaml': text });
    const times: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const before = process.cpuUsage();
      const { hosts } = await loadInventory({ ...person, cwd: dir, paths: [dir] });
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
      expect(hosts).toHaveLength(5000);
    }
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

describe('the nearest setting wins', () => {
  test('host before child group before parent group before file', async () => {
    const text = `
ssh: { user: file, port: 1, jump: file, keepalive: 1s }
groups:
  parent: { children: [child], ssh: { user: parent, port: 2, jump: parent } }
  child: { hosts: [{ name: h, user: host }], ssh: { user: child, port: 3 } }
`;
    expect((await one(text)).ssh).toMatchObject({
      user: 'host',
      port: 3,
      jump: { address: 'parent', ssh: { user: 'host', port: 22 } },
      keepaliveMs: 1000,
    });
  });

  test('and where two are as near and differ, both are named', async () => {
    const text =
      'groups:\n  a: { hosts: [h, i], labels: { z: 1 } }\n  b: { hosts: [h, i], labels: { z: 2 } }\n';
    expect(await mistakes(text)).toEqual([
      '3:36 labels.z of h is 2 here and 1 at a.yaml:2:36 (set it on the host itself to choose one of the two values)',
    ]);
  });

  test('unless they agree, or the host says which', async () => {
    const text = `
groups:
  a: { hosts: [h], labels: { z: 1 }, ssh: { port: 5 } }
  b: { hosts: [{ name: h, labels: { z: 3 } }], labels: { z: 2 }, ssh: { port: 5 } }
`;
    expect(await one(text)).toMatchObject({ labels: { z: '3' }, ssh: { port: 5 } });
  });

  test('between files too', async () => {
    const host = { 'a.yaml': 'ssh: { user: x }\ngroups: { a: { hosts: [h] } }' };
    const found = await mistakesOf(() =>
      inventoryOf({ ...host, 'b.yaml': 'ssh: { user: y }\ngroups: { b: { hosts: [h] } }' }),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('ssh.user of h is y here and x at a.yaml:1');
  });
});

describe('hosts', () => {
  test('in several groups are one, in the order of first mention', async () => {
    const { hosts } = await inventoryOf({
      'a.yaml': 'groups: { a: { hosts: [h2, h1] }, b: { hosts: [h1, h3, h2] } }',
    });
    expect(hosts.map((host) => host.name)).toEqual(['h2', 'h1', 'h3']);
    expect(hosts[0]?.groups).toEqual(['a', 'b']);
  });

  test('that two names reach are refused, naming both places', async () => {
    const text = 'groups:\n  a:\n    hosts:\n      - h1.eu\n      - { name: h2, address: H1.eu }\n';
    expect(await mistakes(text)).toEqual([
      '5:17 h2 and h1.eu (a.yaml:4:9) are one machine: H1.eu port 22 (keep one of the names)',
    ]);
  });

  test('behind other ports or other jump hosts are others', async () => {
    const text = `
groups:
  a: { hosts: [{ name: h1, address: 10.0.0.1 }, { name: h2, address: 10.0.0.1, port: 23 }] }
  b: { hosts: [{ name: h3, address: 10.0.0.1, ssh: { jump: b } }] }
`;
    expect((await inventoryOf({ 'a.yaml': text })).hosts).toHaveLength(3);
  });
});

describe('mistakes', () => {
  test('of all files are listed at once', async () => {
    const found = await mistakesOf(() =>
      inventoryOf({
        'a.yaml': 'ssh: { usr: x }\ngroups: { a: { hosts: ["w[3:1]", "a b"] } }',
        'b.yaml': 'group: {}\n',
        'c.yaml': 'a:\n\tb: 1\n',
      }),
    );
    expect(found).toEqual([
      '1:8 unknown key ssh.usr (did you mean user?)',
      '2:24 [3:1] counts down; a range must count up',
      '2:34 groups.a.hosts[2] must be a host name, such as web1 or web[01:20].example.com, not "a b"',
      '1:1 unknown key group (did you mean groups?)',
      '2:1 a tab in the indentation (indent with spaces)',
    ]);
  });

  test.each([
    ['groups: { a: { children: [wbe] }, web: {} }', 'there is no group wbe (did you mean web?)'],
    [
      'groups: { a: { children: [b] }, b: { children: [a] } }',
      'a holds b, which holds a: a circle',
    ],
    ['groups: { a: { children: [a] } }', 'a holds a, which holds a: a circle'],
    ['groups: { a: { hosts: [b] }, b: {} }', 'b is the name of a group too, at a.yaml:1'],
    ['groups: { all: { hosts: [h] } }', 'group all is built in and has every host'],
    ['groups: { a: { hosts: [web1:2222] } }', 'a host name has no colon: web1:2222'],
    ['groups: { a: { hosts: [deploy@web1] } }', 'groups.a.hosts[1] must be a host name'],
    ['groups: { a: { hosts: [-oProxyCommand=x] } }', 'groups.a.hosts[1] must be a host name'],
    ['groups: { a: { hosts: [{ address: x }] } }', 'groups.a.hosts[1].name is missing'],
    ['groups: { a: { hosts: [{ name: x, port: 0 }] } }', 'groups.a.hosts[1].port must be'],
    ['groups: { a: { hosts: [{ name: x, address: "-x" }] } }', 'groups.a.hosts[1].address must be'],
    [
      'groups: { a: { hosts: [{ name: x, port: 1, ssh: { port: 2 } }] } }',
      'port and ssh.port of this host differ',
    ],
    ['groups: { a: { hosts: [{ name: "x[1:2]", address: a }] } }', '1 addresses for 2 names'],
    ['groups: { a: { hosts: [{ name: x, lables: {} }] } }', 'did you mean labels?'],
    ['groups: { a: { hosts: web1 } }', 'groups.a.hosts must be a list of hosts, not "web1"'],
    ['groups: { a: }', 'groups.a must be a map of settings, not empty'],
    ['ssh: { host_keys: accept }', 'ssh.host_keys must be one of strict, accept-new'],
    ['ssh: { transport: ssh }', 'did you mean ssh2?'],
    ['ssh: { passphrase: secret }', 'ssh.passphrase must be env:NAME or file:PATH'],
    ['ssh: { jump: -x }', 'ssh.jump must be [USER@]HOST[:PORT]'],
    ['ssh: { jump: "a,b:70000" }', '1:14 a port is a whole number from 1 to 65535'],
    ['ssh: { jump: [a, "u@-x"] }', 'ssh.jump[2] must be [USER@]HOST[:PORT]'],
    ['ssh: { keepalive_count: 0 }', 'ssh.keepalive_count must be a whole number'],
    ['ssh: { config_file: true }', 'ssh.config_file must be a path, or none'],
    ['ssh: { connect_timeout: 15 }', 'ssh.connect_timeout must be a duration'],
    ['ssh: { user: "a b" }', 'ssh.user must be the name of a login user'],
    ['vars: { a: [1] }', 'vars.a must be a single value'],
  ])('%s: %s', async (text, message) => {
    const found = await mistakes(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('in a merged map are shown where they are written', async () => {
    const text = 'x-ssh: &ssh\n  usr: a\ngroups:\n  a: { hosts: [h], ssh: { <<: *ssh } }\n';
    expect(await mistakes(text)).toEqual(['2:3 unknown key groups.a.ssh.usr (did you mean user?)']);
  });
});

describe('inventory files', () => {
  test('that are not there are refused', async () => {
    const load = (paths: string[]) => () => loadInventory({ ...person, cwd: '/nowhere', paths });
    expect(await refusalOf(load(['x.yaml']))).toMatchObject({ code: 'inventory_not_found' });
    const dir = await folderOf({ 'readme.md': '' });
    expect(await refusalOf(load([dir]))).toMatchObject({ code: 'inventory_not_found' });
  });

  test('named twice count once', async () => {
    const dir = await folderOf({ 'a.yaml': 'groups: { a: { hosts: [h] } }' });
    const paths = [dir, join(dir, 'a.yaml')];
    expect((await loadInventory({ ...person, cwd: dir, paths })).hosts).toHaveLength(1);
  });
});
