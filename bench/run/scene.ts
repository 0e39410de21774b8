import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RealFleet } from '../../test/real/support/real-fleet.js';
import type { RealHost } from '../../test/real/support/real-host.js';

/** Some hosts of the fleet as the tools see them: a folder with what each of them wants to read. */
export interface Scene {
  readonly dir: string;
  readonly hosts: readonly RealHost[];
}

/** Where the tools reach a host. */
export interface Reach {
  readonly host: RealHost;
  readonly address: string;
  readonly port: number;
}

/** Writes the inventories and settings of all tools: the same hosts, user, key and known keys. */
export function writeScene(dir: string, fleet: RealFleet, reaches: readonly Reach[]): Scene {
  mkdirSync(join(dir, 'inventories'), { recursive: true });
  const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  const addresses = reaches.map(({ address }) => `${address}\n`).join('');
  const knownHosts = join(dir, 'known_hosts');
  const ssh = { user: 'deploy', identity_file: fleet.identityFile, known_hosts: knownHosts };
  const hosts = reaches.map(({ host, address, port }) => ({ name: host.name, address, port }));
  put('hosts', addresses);
  put('known_hosts', knownKeys(fleet, reaches));
  put('ssh_config', sshConfig(fleet.identityFile, knownHosts, reaches[0]?.port ?? 22));
  put('fleet.yaml', FLEET);
  put('inventories/prod.yaml', stringify({ ssh, groups: { prod: { hosts } } }));
  put('ansible.cfg', ansibleConfig(dir, reaches.length, 'strategy = linear'));
  put('mitogen.cfg', ansibleConfig(dir, reaches.length, MITOGEN));
  return { dir, hosts: reaches.map(({ host }) => host) };
}

// One wave, as the others have none; a tool that stops at nothing needs no time to look either.
const FLEET = `app: shop
root: /opt/shop
service: { unit: shop.service }
policy: { waves: [rest], max_unavailable: 100%, min_healthy_time: 0s }
`;

const MITOGEN = `strategy = mitogen_linear
strategy_plugins = /usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy`;

/** What Ansible's own documentation names to make it quick; the rest are its defaults. */
function ansibleConfig(dir: string, forks: number, strategy: string): string {
  return `[defaults]
inventory = ${dir}/hosts
forks = ${forks}
gathering = explicit
interpreter_python = /usr/bin/python3
${strategy}

[ssh_connection]
pipelining = True
ssh_args = -F ${dir}/ssh_config -C -o ControlMaster=auto -o ControlPersist=60s
`;
}

function sshConfig(identityFile: string, knownHosts: string, port: number): string {
  return `Host *
  User deploy
  Port ${port}
  IdentityFile ${identityFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
`;
}

/** The fleet's host keys under the addresses of the scene. */
function knownKeys(fleet: RealFleet, reaches: readonly Reach[]): string {
  const lines = readFileSync(fleet.knownHostsFile, 'utf8').trim().split('\n');
  const keys = new Map(lines.map((line) => [line.split(' ')[0], line.replace(/^\S+ /, '')]));
  return reaches
    .map(({ host, address, port }) => {
      const name = port === 22 ? address : `[${address}]:${port}`;
      return `${name} ${keys.get(host.address)}\n`;
    })
    .join('');
}
