import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultKind, FaultOptions } from '../fault.js';
import { endLeftovers } from '../leftovers.js';
import { makeKeyPair, parsePublicKey } from '../ssh/key-pair.js';
import { candidatePorts, freePort } from '../ssh/port-search.js';
import { SystemctlChannel } from '../systemd/systemctl-channel.js';
import { inventoryText } from './inventory-text.js';
import { type HostLook, LAB_USER, PracticeHost } from './practice-host.js';

export interface LabOptions {
  /** An empty folder for everything, or one that does not exist yet. */
  readonly dir: string;
  /** How many hosts: web01, web02 … */
  readonly hosts: number;
  /** The app's root is `~/<app>`, its unit `<app>.service`. Default `shop`. */
  readonly app?: string | undefined;
  /** The unit file; `@PORT@` is the host's own app port, `@HOST@` its name. */
  readonly unitText?: string | undefined;
  /** Files below `~/<app>/shared/`, with `@PORT@` and `@HOST@`. Default none. */
  readonly shared?: Readonly<Record<string, string>> | undefined;
  /** PATH on the hosts, after their own programs. Default: a normal system's, and Node's folder. */
  readonly path?: string | undefined;
}

export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** A free port for the app of this host. */
  readonly appPort: number;
  /** The login folder on this machine. */
  readonly home: string;
  /** The host's folder, with home, etc/systemd/system and var/log/journal. */
  readonly dir: string;
}

/** A running practice fleet. */
export interface Lab {
  readonly dir: string;
  readonly user: string;
  readonly hosts: readonly LabHost[];
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly inventoryFile: string;
  /** Turns a fault of one host on or off. Throws if there is no such host. */
  fault(host: string, kind: FaultKind, on: boolean, options?: FaultOptions): Promise<void>;
  /** The current faults and units of every host. */
  look(): readonly HostLook[];
  /** Ends every server and every process; the files stay. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const NORMAL_PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${dirname(process.execPath)}`;

/**
 * Starts practice hosts in this process: real SSH, real sh, real files, real service processes, without root or an install.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  mkdirSync(options.dir, { recursive: true });
  const dir = realpathSync(options.dir);
  const app = options.app ?? 'shop';
  const files = prepareFolder(dir);
  const ports = candidatePorts();
  const width = Math.max(2, String(options.hosts).length);
  const hosts: PracticeHost[] = [];
  for (let index = 1; index <= options.hosts; index++) {
    const host = new PracticeHost({
      name: `web${String(index).padStart(width, '0')}`,
      lab: dir,
      clientKey: files.clientKey,
      path: options.path ?? NORMAL_PATH,
      appPort: await freePort(ports),
    });
    host.write(`etc/systemd/system/${app}.service`, options.unitText ?? defaultUnit(app));
    for (const [path, text] of Object.entries(options.shared ?? {}))
      host.write(join('home', app, 'shared', path), text);
    await host.listen(ports);
    hosts.push(host);
  }
  const channel = openChannel(dir, hosts);
  writeLists(dir, hosts);
  return makeLab({ dir, hosts, channel });
}

/** The unit of an app whose releases have `bin/start`. */
function defaultUnit(app: string): string {
  return `[Unit]
Description=The practice app
[Service]
WorkingDirectory=%h/${app}/current
Environment=SHOP_PORT=@PORT@
ExecStart=%h/${app}/current/bin/start
Restart=always
RestartSec=100ms
TimeoutStopSec=5s
`;
}

function prepareFolder(dir: string): { clientKey: ReturnType<typeof parsePublicKey> } {
  mkdirSync(join(dir, 'run'));
  installShims(join(dir, 'shims'));
  writeFileSync(join(dir, 'run/pid'), `${process.pid}\n`);
  const client = makeKeyPair();
  writeFileSync(join(dir, 'id_ed25519'), client.privateKey, { mode: 0o600 });
  writeFileSync(join(dir, 'id_ed25519.pub'), `${client.publicKey} practice\n`);
  return { clientKey: parsePublicKey(client.publicKey) };
}

/** The programs of practice hosts: each `<name>.sh` becomes an executable `<name>`. */
function installShims(folder: string): void {
  const from = fileURLToPath(new URL('./shims/', import.meta.url));
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(folder, relative(from, source)).replace(/\.sh$/, '');
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    chmodSync(target, 0o755);
  }
}

function openChannel(dir: string, hosts: readonly PracticeHost[]): SystemctlChannel {
  const byName = new Map(hosts.map((host) => [host.name, host]));
  return new SystemctlChannel(join(dir, 'run/systemctl'), async (call) => {
    const host = byName.get(call.host);
    return host?.systemctl(call) ?? { code: 1, text: `no practice host is called ${call.host}` };
  });
}

function writeLists(dir: string, hosts: readonly PracticeHost[]): void {
  const knownHosts = hosts.map((host) => `[${ADDRESS}]:${host.port} ${host.publicKey}\n`);
  writeFileSync(join(dir, 'known_hosts'), knownHosts.join(''));
  const text = inventoryText({
    user: LAB_USER,
    identityFile: join(dir, 'id_ed25519'),
    knownHostsFile: join(dir, 'known_hosts'),
    hosts: hosts.map(({ name, port }, index) => ({
      name,
      address: ADDRESS,
      port,
      zone: index % 2 === 0 ? 'a' : 'b',
    })),
  });
  writeFileSync(join(dir, 'inventory.yaml'), text);
}

function makeLab(parts: {
  dir: string;
  hosts: readonly PracticeHost[];
  channel: SystemctlChannel;
}): Lab {
  const { dir, hosts, channel } = parts;
  return {
    dir,
    user: LAB_USER,
    hosts: hosts.map(({ name, port, appPort, home, dir: folder }) => ({
      name,
      address: ADDRESS,
      port,
      appPort,
      home,
      dir: folder,
    })),
    identityFile: join(dir, 'id_ed25519'),
    knownHostsFile: join(dir, 'known_hosts'),
    inventoryFile: join(dir, 'inventory.yaml'),
    async fault(name, kind, on, options = {}) {
      const host = hosts.find((one) => one.name === name);
      if (host === undefined) throw new Error(`no practice host is called ${name}`);
      await host.fault(kind, on, options);
    },
    look: () => hosts.map((host) => host.look()),
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()));
      channel.close();
      await endLeftovers(dir);
    },
  };
}
