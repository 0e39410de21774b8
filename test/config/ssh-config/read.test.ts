import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { viewOrigins } from '../../../src/config/inventory/origin.js';
import type { Host } from '../../../src/model/hosts/host.js';
import { mistakesOf, shown } from '../support/shown.js';
import {
  hasSsh,
  homeOf,
  inventoryWith,
  learn,
  WITH_SSH,
  WITHOUT_SSH,
} from '../support/ssh-config-stage.js';

const HOSTS = 'groups: { a: { hosts: [web1, web2] } }';

async function web1(config: string, inventory = HOSTS, more = {}): Promise<Host> {
  const { hosts } = await inventoryWith(config, inventory, more);
  const [host] = hosts;
  if (host === undefined) throw new Error('no host');
  return host;
}
const mistakes = (config: string, inventory = HOSTS, more = {}) =>
  mistakesOf(() => inventoryWith(config, inventory, more));

describe.skipIf(!hasSsh)('an ssh_config', () => {
  test.each([
    ['HostName 10.0.0.7', { address: '10.0.0.7' }],
    ['HostName %h.internal', { address: 'web1.internal' }],
    ['User deploy', { ssh: { user: 'deploy' } }],
    ['Port 2222', { ssh: { port: 2222 } }],
    ['IdentityFile /k/%r@%h', { ssh: { identityFiles: ['/k/me@web1'] } }],
    ['IdentityFile /a\nIdentityFile "/b c"', { ssh: { identityFiles: ['/a', '/b c'] } }],
    ['IdentityFile none', { ssh: { identityFiles: [] } }],
    ['IdentitiesOnly yes', { ssh: { identitiesOnly: true } }],
    ['ProxyJump edge:2222', { ssh: { jump: { address: 'edge', ssh: { port: 2222 } } } }],
    ['ProxyJump none\nProxyJump edge', { ssh: { jump: null } }],
    ['HostKeyAlias shop', { ssh: { hostKeyAlias: 'shop' } }],
    ['ConnectTimeout 90', { ssh: { connectTimeoutMs: 90_000 } }],
    ['ServerAliveInterval 5', { ssh: { keepaliveMs: 5000 } }],
    ['ServerAliveCountMax 8', { ssh: { keepaliveCount: 8 } }],
    ['IdentityAgent /run/a.sock', { ssh: { agent: '/run/a.sock' } }],
    ['IdentityAgent none', { ssh: { agent: null } }],
    ['IdentityAgent SSH_AUTH_SOCK', { ssh: { agent: '/run/mine' } }],
    ['IdentityAgent $MY_AGENT', { ssh: { agent: '/run/other' } }],
    ['StrictHostKeyChecking accept-new', { ssh: { hostKeys: 'accept-new' } }],
    ['StrictHostKeyChecking no', { ssh: { hostKeys: 'strict' } }],
    ['StrictHostKeyChecking off', { ssh: { hostKeys: 'strict' } }],
    ['UserKnownHostsFile none\nGlobalKnownHostsFile /g', { ssh: { knownHosts: ['/g'] } }],
    [
      'UserKnownHostsFile /u "/v w"',
      { ssh: { knownHosts: ['/u', '/v w', '/etc/ssh/ssh_known_hosts'] } },
    ],
    ['ForwardAgent yes', { ssh: { user: 'me', port: 22 } }],
  ])('is honoured: %s', async (line, expected) => {
    const more = { env: { ...WITH_SSH, SSH_AUTH_SOCK: '/run/mine', MY_AGENT: '/run/other' } };
    expect(await web1(`Host web1\n${line}\n`, HOSTS, more)).toMatchObject(expected);
  });

  test('is read from the home for ~, and with its Includes', async () => {
    const config = 'Include extra/*\nHost web*\n  User late\n';
    const files = {
      '.ssh/extra/1': 'Host web1\n  User early\n  IdentityFile ~/.ssh/key\n',
      '.ssh/extra/.hidden': 'User hidden\n',
    };
    const { hosts, home } = await inventoryWith(config, HOSTS, { files });
    expect(hosts[0]?.ssh).toMatchObject({
      user: 'early',
      identityFiles: [join(home, '.ssh/key')],
    });
    expect(hosts[1]?.ssh.user).toBe('late');
  });

  test('is overruled by the inventory, key by key', async () => {
    const config = 'Host *\n  User other\n  Port 2222\n  ProxyJump edge\n  ConnectTimeout 90\n';
    const inventory = `
ssh: { connect_timeout: 5s }
groups: { a: { hosts: [{ name: web1, user: own }], ssh: { jump: none } } }
`;
    expect((await web1(config, inventory)).ssh).toMatchObject({
      user: 'own',
      port: 2222,
      jump: null,
      connectTimeoutMs: 5000,
    });
  });

  test('is that of ssh.config_file, where the inventory has it', async () => {
    const inventory = `
groups:
  a: { hosts: [web1], ssh: { config_file: ../own } }
  b: { hosts: [web2], ssh: { config_file: none } }
  c: { hosts: [web3] }
`;
    const more = { files: { own: 'User own\n' } };
    const { hosts, home } = await inventoryWith('User usual\n', inventory, more);
    expect(hosts.map(({ ssh }) => ssh.user)).toEqual(['own', 'me', 'usual']);
    expect(hosts.map(({ ssh }) => ssh.configFile)).toEqual([join(home, 'own'), 'none', undefined]);
  });

  test('that is named and not there is a mistake where it is named', async () => {
    const inventory = `ssh: { config_file: ../gone }\n${HOSTS}`;
    const [found] = await mistakes('', inventory);
    expect(found).toMatch(/^1:21 there is no file .*\/gone \(config_file: none reads no file\)$/);
  });

  test('that cannot be read is a mistake', async () => {
    const home = await homeOf({ 'inv/a.yaml': HOSTS });
    await mkdir(join(home, '.ssh/config'), { recursive: true });
    const [found] = await mistakesOf(() => inventoryWith('', HOSTS, { home }));
    expect(found).toMatch(/config cannot be read: EISDIR/);
  });

  test('with a bad port is a mistake at its line', async () => {
    const found = await mistakes('Host web1\n\n  Port abc\n');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^3:3 /);
  });

  test('that includes itself is a mistake, not a loop', async () => {
    const [found] = await mistakes('Include config\nInclude config\nUser x\n');
    expect(found).toMatch(/too deeply|recursive|more than 1000 files/);
  });

  test('of a megabyte is read', async () => {
    const config = `${'Host other*\n  User other # and why\n'.repeat(29_000)}Host web1\nUser last\n`;
    expect((await web1(config)).ssh.user).toBe('last');
  });

  test.each(['Host "web1\nUser x\n', 'User\nPort 1\n', '\u001b[2J x\nUser y\n'])(
    'that is broken is refused: %j',
    async (config) => {
      expect(await mistakes(config)).not.toEqual([]);
    },
  );
});

describe.skipIf(!hasSsh)('a ProxyCommand', () => {
  const config = 'Host web1\n  ProxyCommand nc %h %p\n';

  test('is refused with transport ssh2, at its line', async () => {
    expect(await mistakes(config)).toEqual([
      '2:3 web1 is reached by a ProxyCommand, which transport ssh2 cannot run (set transport: openssh for it, or jump: [USER@]HOST[:PORT], or jump: none)',
    ]);
  });

  test.each(['transport: openssh', 'jump: none', 'jump: edge', 'config_file: none'])(
    'is left to the inventory by %s',
    async (setting) => {
      const host = await web1(config, `ssh: { ${setting} }\n${HOSTS}`);
      expect(host.address).toBe('web1');
    },
  );
});

test.skipIf(!hasSsh)('Match exec is run by ssh, as whenever ssh is used', async () => {
  const home = await homeOf({});
  const config = `Match exec "touch ${home}/ran"\n  User matched\n`;
  const { hosts, notices } = await inventoryWith(config, HOSTS);
  expect(hosts[0]?.ssh.user).toBe('matched');
  expect(existsSync(join(home, 'ran'))).toBe(true);
  expect(notices).toEqual([]);
});

describe('without ssh on the machine', () => {
  const env = WITHOUT_SSH;

  test('no ssh_config is read, and a notice says once which files, and the remedy', async () => {
    const config = 'Include more\nHost web*\n  User deploy\n  ProxyJump edge\n';
    const files = { '.ssh/more': 'Port 2222\n', own: 'User own\n' };
    const inventory = `
groups:
  a: { hosts: [web1, web2] }
  b: { hosts: [web3], ssh: { config_file: ../own } }
`;
    const { hosts, notices } = await inventoryWith(config, inventory, { env, files });
    for (const { ssh } of hosts) expect(ssh).toMatchObject({ user: 'me', port: 22, jump: null });
    expect(notices.map(shown)).toEqual([
      'without ssh on this machine ssh_config is not read: .ssh/more, .ssh/config, own (install openssh-client, or put the settings into the inventory)',
    ]);
  });

  test.each(['', 'Host *\n  SendEnv LANG\n'])(
    'nothing is said of a file that has nothing for fleet: %j',
    async (config) => {
      expect((await inventoryWith(config, HOSTS, { env })).notices).toEqual([]);
    },
  );

  test('nothing is said where the inventory reads no ssh_config', async () => {
    const inventory = `ssh: { config_file: none }\n${HOSTS}`;
    expect((await inventoryWith('User late\n', inventory, { env })).notices).toEqual([]);
  });

  test('Match exec is not run', async () => {
    const home = await homeOf({});
    const config = `Match exec "touch ${home}/ran"\n  User matched\n`;
    await inventoryWith(config, HOSTS, { env });
    expect(existsSync(join(home, 'ran'))).toBe(false);
  });
});

describe.skipIf(!hasSsh)('ssh', () => {
  /** The real ssh behind a script that counts its calls. */
  async function counted(config: string, hosts: readonly string[]) {
    const home = await homeOf({ '.ssh/config': config, 'bin/ssh': '' });
    const script = `#!/bin/sh\necho "$*" >> ${home}/calls\nPATH=${process.env.PATH} exec ssh "$@"\n`;
    await writeFile(join(home, 'bin/ssh'), script);
    await chmod(join(home, 'bin/ssh'), 0o755);
    await learn(home, hosts, { PATH: join(home, 'bin') });
    const calls = await readFile(join(home, 'calls'), 'utf8').catch(() => '');
    return calls.split('\n').filter((call) => call !== '');
  }
  const thousand = Array.from({ length: 1000 }, (_, index) => `web${index}`);

  test.each([
    '',
    'Host *\n  SendEnv LANG\n  HashKnownHosts yes\n',
    'Match exec true\n  Compression no\n',
  ])('is asked nothing where nothing is honoured: %j', async (config) => {
    expect(await counted(config, thousand)).toEqual([]);
  });

  test('is asked once for all hosts that the same Host lines apply to', async () => {
    const config = 'Host web1*\n  User a\nHost web*5 !web15\n  Port 5\n';
    // One question for what ssh says without files, then: neither, either, both.
    expect(await counted(config, thousand)).toHaveLength(5);
  });

  test('is asked for each host that a Match or a token may tell apart', async () => {
    const hosts = thousand.slice(0, 5);
    expect(await counted('Match host web1\n  User a\n', hosts)).toHaveLength(6);
    expect(await counted('HostName %h.eu\n', hosts)).toHaveLength(6);
  });

  test('is asked with the settings of the inventory, as Match may look at them', async () => {
    const config = 'Match user deploy\n  IdentityFile /k/deploy\n';
    const host = await web1(config, 'ssh: { user: deploy }\ngroups: { a: { hosts: [web1] } }');
    expect(host.ssh.identityFiles).toEqual(['/k/deploy']);
  });

  test('is asked no more after it has refused a file', async () => {
    const config = 'Match host zzz\n  Port abc\n';
    const hosts = 'groups: { a: { hosts: ["web[1:500]"] } }';
    expect(await mistakes(config, hosts)).toEqual(["2:3 ssh: Bad port 'abc'."]);
  });
});

describe.skipIf(!hasSsh)('where a setting comes from', () => {
  async function originsOf(config: string, inventory: string) {
    const loaded = await inventoryWith(config, inventory);
    const { hosts } = viewOrigins(loaded, { groups: [] });
    return new Map(hosts[0]?.settings.map((each) => [each.setting, each]));
  }

  test('is the line of the inventory, that of ssh_config, or the default', async () => {
    const origins = await originsOf(
      'Host web1\n  Port 2222\n  User late\n',
      'ssh: { user: deploy, passphrase: env:PASS }\ngroups: { a: { hosts: [web1] } }',
    );
    expect(origins.get('user')).toEqual({
      setting: 'user',
      value: 'deploy',
      source: 'inventory',
      files: ['inv/a.yaml'],
      line: 1,
      column: 14,
    });
    expect(origins.get('port')).toMatchObject({
      value: 2222,
      source: 'ssh_config',
      files: ['.ssh/config'],
      line: 2,
      column: 3,
    });
    expect(origins.get('transport')).toMatchObject({ source: 'default', files: [], line: null });
    expect(origins.get('passphrase')?.value).toBe('env:PASS');
  });

  test('is only the file where a Match leaves open which line it is', async () => {
    const config = 'Match host web1\n  User a\nMatch host web2\n  User b\n';
    expect((await originsOf(config, HOSTS)).get('user')).toMatchObject({
      value: 'a',
      source: 'ssh_config',
      files: ['.ssh/config'],
      line: null,
    });
  });
});
