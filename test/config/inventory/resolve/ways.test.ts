import { describe, expect, test } from 'vitest';
import { viewInventory } from '../../../../src/config/inventory/view.js';
import type { Endpoint } from '../../../../src/model/hosts/host.js';
import { inventoryOf } from '../../support/inventory-folder.js';
import { mistakesOf } from '../../support/shown.js';
import { inventoryWith } from '../../support/ssh-config-stage.js';

async function hostsOf(inventory: string, config = '') {
  const { hosts } = await inventoryWith(config, inventory);
  return new Map(hosts.map((host) => [String(host.name), host]));
}
const mistakes = (inventory: string, config = '') =>
  mistakesOf(() => inventoryWith(config, inventory));

/** The way to a host, as `user@address:port` in the order of dialling. */
function wayOf(endpoint: Endpoint | undefined): readonly string[] {
  const jump = endpoint?.ssh.jump ?? null;
  if (jump === null) return [];
  return [...wayOf(jump), `${jump.ssh.user}@${jump.address}:${jump.ssh.port}`];
}

describe('a jump host', () => {
  test('that is a host of the inventory is what that host is, its own way included', async () => {
    const hosts = await hostsOf(`
groups:
  edge:
    hosts:
      - { name: outer, address: 192.0.2.1, port: 2022, user: gate, ssh: { host_keys: accept-new } }
      - { name: inner, address: 10.0.0.1, user: gate, ssh: { jump: outer, host_key_alias: in } }
  web: { hosts: [web1, web2], ssh: { jump: inner, user: deploy, identity_file: /k } }
`);
    expect(wayOf(hosts.get('web1'))).toEqual(['gate@192.0.2.1:2022', 'gate@10.0.0.1:22']);
    const inner = hosts.get('web1')?.ssh.jump;
    expect(inner).toMatchObject({
      name: 'inner',
      ssh: { hostKeyAlias: 'in', identityFiles: [], jump: { ssh: { hostKeys: 'accept-new' } } },
    });
    expect(hosts.get('web2')?.ssh.jump).toBe(inner);
  });

  test('that is none has the settings of the host behind it, but for what is its own', async () => {
    const hosts = await hostsOf(`
ssh: { user: deploy, port: 2222, identity_file: /k, known_hosts: /kh, host_keys: accept-new,
       host_key_alias: shop, connect_timeout: 3s, agent: /run/a }
groups: { web: { hosts: [web1], ssh: { jump: bastion } } }
`);
    expect(hosts.get('web1')?.ssh.jump).toMatchObject({
      name: 'bastion',
      address: 'bastion',
      ssh: {
        user: 'deploy',
        port: 22,
        identityFiles: ['/k'],
        knownHosts: ['/kh'],
        hostKeys: 'accept-new',
        hostKeyAlias: null,
        connectTimeoutMs: 3000,
        agent: '/run/a',
        jump: null,
      },
    });
  });

  test('may be an alias of ssh_config, with a way of its own', async () => {
    const config = `
Host edge
  HostName edge.example.com
  Port 4022
  User jumper
  ProxyJump far
Host far
  HostName 192.0.2.9
`;
    const hosts = await hostsOf(
      'groups: { web: { hosts: [web1], ssh: { jump: edge, user: deploy } } }',
      config,
    );
    expect(wayOf(hosts.get('web1'))).toEqual(['me@192.0.2.9:22', 'jumper@edge.example.com:4022']);
  });

  test('is as its text says before anything else', async () => {
    const hosts = await hostsOf(
      `groups:
  a: { hosts: [{ name: gate, address: 192.0.2.1, user: g, port: 2022 }] }
  b: { hosts: [web1], ssh: { jump: "root@gate:99" } }
  c: { hosts: [web2], ssh: { jump: "root@edge:99" } }
  d: { hosts: [web3], ssh: { jump: "x@[::1]:44" } }
`,
      'Host edge\n  User jumper\n  Port 4022\n',
    );
    expect(wayOf(hosts.get('web1'))).toEqual(['root@192.0.2.1:99']);
    expect(wayOf(hosts.get('web2'))).toEqual(['root@edge:99']);
    expect(wayOf(hosts.get('web3'))).toEqual(['x@::1:44']);
  });

  test.each(['"a,b:23,c"', '[a, b:23, c]'])(
    'after others is reached through them: %s',
    async (jump) => {
      const hosts = await hostsOf(`groups: { web: { hosts: [web1], ssh: { jump: ${jump} } } }`);
      expect(wayOf(hosts.get('web1'))).toEqual(['me@a:22', 'me@b:23', 'me@c:22']);
    },
  );

  test('is none by jump: none, whatever outer levels and ssh_config say', async () => {
    const hosts = await hostsOf(
      `ssh: { jump: edge }
groups: { web: { hosts: [web1, { name: web2, ssh: { jump: none } }] } }`,
      'Host web*\n  ProxyJump other\n',
    );
    expect(wayOf(hosts.get('web1'))).toEqual(['me@edge:22']);
    expect(wayOf(hosts.get('web2'))).toEqual([]);
  });

  test('that thousands share is one and the same', async () => {
    const text = 'ssh: { jump: "a,b" }\ngroups: { web: { hosts: ["web[0001:5000]"] } }';
    const { hosts } = await inventoryOf({ 'a.yaml': text });
    expect(new Set(hosts.map(({ ssh }) => ssh.jump)).size).toBe(1);
    expect(new Set(hosts.map(({ ssh }) => ssh.jump?.ssh.jump)).size).toBe(1);
  });

  test('is shown as it is written', async () => {
    const inventory = await inventoryWith(
      '',
      'groups: { a: { hosts: [w], ssh: { jump: [x, y@z] } } }',
    );
    expect(viewInventory(inventory, { groups: [] }).hosts[0]?.jump).toBe('x,y@z');
  });
});

describe('a way that comes back to where it was', () => {
  test.each([
    ['itself', 'ssh: { jump: gate }\ngroups: { a: { hosts: [gate, web1] } }', '1:14 gate via gate'],
    [
      'one before it',
      'groups:\n  a: { hosts: [a1], ssh: { jump: b1 } }\n  b: { hosts: [b1], ssh: { jump: a1 } }',
      '3:34 a1 via b1 via a1',
    ],
  ])('by %s is a mistake at its place', async (_, inventory, message) => {
    expect(await mistakes(inventory)).toEqual([
      `${message}: a circle (set jump: none on the host that fleet connects to directly)`,
    ]);
  });

  test('by ssh_config is a mistake at its line', async () => {
    const config = 'Host web1\n  ProxyJump x\nHost x\n  ProxyJump y\nHost y\n  ProxyJump x\n';
    const [found] = await mistakes('groups: { a: { hosts: [web1] } }', config);
    expect(found).toBe(
      '6:3 x via y via x: a circle (set jump: none on the host that fleet connects to directly)',
    );
  });

  test('by names that never end is a mistake', async () => {
    const config = 'Host *\n  ProxyJump %h-x\n';
    const found = await mistakes('groups: { a: { hosts: [web1] } }', config);
    expect(found).toHaveLength(1);
  });
});
