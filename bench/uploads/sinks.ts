import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SSHD = '/usr/sbin/sshd';
const PORT = 2299;
const SINK = join(import.meta.dirname, 'sink.sh');

/** Hosts that read what is sent to them over SSH and keep nothing: one sshd with an address for each. */
export interface Sinks {
  /** Each begins anew, as a host that has none of the releases. */
  forget(): void;
  stop(): Promise<void>;
}

/** Starts them, and writes what fleet reads to reach them. */
export async function startSinks(dir: string, count: number): Promise<Sinks> {
  const memory = join(dir, 'hosts');
  const hosts = Array.from({ length: count }, (_, i) => ({
    name: `web${i + 1}`,
    address: `127.88.${Math.floor(i / 250)}.${(i % 250) + 1}`,
  }));
  makeKeys(dir);
  writeFileSync(join(dir, 'sshd_config'), sshdConfig(dir, memory));
  writeProject(dir, hosts);
  const sshd = await start(join(dir, 'sshd_config'));
  const forget = () => {
    rmSync(memory, { recursive: true, force: true });
    mkdirSync(memory);
  };
  return {
    forget,
    async stop() {
      if (sshd.exitCode !== null) return;
      sshd.kill();
      await once(sshd, 'exit');
    },
  };
}

function makeKeys(dir: string): void {
  for (const name of ['host_key', 'user_key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)]);
  }
  copyFileSync(join(dir, 'user_key.pub'), join(dir, 'authorized_keys'));
}

const sshdConfig = (dir: string, memory: string): string => `ListenAddress 0.0.0.0:${PORT}
HostKey ${dir}/host_key
AuthorizedKeysFile ${dir}/authorized_keys
StrictModes no
PasswordAuthentication no
PermitRootLogin yes
PidFile none
MaxStartups 1000
ForceCommand sh ${SINK} ${memory}
`;

function writeProject(
  dir: string,
  hosts: readonly { readonly name: string; readonly address: string }[],
): void {
  const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  const key = readFileSync(join(dir, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  put('known_hosts', hosts.map(({ address }) => `[${address}]:${PORT} ${key}\n`).join(''));
  put(
    'fleet.yaml',
    `app: shop
root: /opt/shop
service: { unit: shop.service }
policy: { waves: [rest], max_unavailable: 100%, min_healthy_time: 0s }
`,
  );
  mkdirSync(join(dir, 'inventories'), { recursive: true });
  const lines = hosts.map(
    ({ name, address }) => `      - { name: ${name}, address: ${address} }\n`,
  );
  put(
    'inventories/prod.yaml',
    `ssh: { user: root, port: ${PORT}, identity_file: ${dir}/user_key, known_hosts: ${dir}/known_hosts }
groups:
  prod:
    hosts:
${lines.join('')}`,
  );
}

async function start(config: string): Promise<ChildProcess> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      if (line.startsWith('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(log.join('\n'))));
  });
  return child;
}
