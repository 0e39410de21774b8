import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultUnit, type RealFleetOptions, sudoersText } from './options.js';
import { sshdConfigText } from './sshd-config.js';

/** The login user of all hosts. */
export const DEPLOY_UID = 1000;

/** A host as the layer needs it: its name and where it is. */
export interface NamedAddress {
  readonly name: string;
  readonly address: string;
}

/** The unit files of a fleet, by name. */
export function fleetUnits(options: RealFleetOptions): Readonly<Record<string, string>> {
  const app = options.app ?? 'shop';
  return options.units ?? { [`${app}.service`]: defaultUnit(app) };
}

/** Writes what all hosts of a fleet have in common, as an overlay layer between base and host. */
export function writeFleetLayer(
  layer: string,
  options: RealFleetOptions,
  shared: {
    readonly base: string;
    readonly publicKey: string;
    readonly hosts: readonly NamedAddress[];
  },
): void {
  const units = fleetUnits(options);
  putFolder(layer, `opt/${options.app ?? 'shop'}`, DEPLOY_UID);
  putFolder(layer, 'home/deploy', DEPLOY_UID);
  putFolder(layer, 'home/deploy/.ssh', DEPLOY_UID);
  put(layer, 'home/deploy/.ssh/authorized_keys', shared.publicKey, { owner: DEPLOY_UID });
  put(layer, 'etc/sudoers.d/deploy', sudoersText(options.sudo ?? {}, Object.keys(units)), {
    mode: 0o440,
  });
  put(layer, 'etc/ssh/sshd_config.d/lab.conf', sshdConfigText(options.sshd ?? []));
  put(layer, 'etc/hosts', hostsText(shared.hosts));
  for (const [name, text] of Object.entries(units)) put(layer, `etc/systemd/system/${name}`, text);
  if (options.userManager) allowUserManager(layer, shared.base);
}

/** Undoes, for this fleet, what the base leaves out to be quick. */
function allowUserManager(layer: string, base: string): void {
  const logind = 'systemd-logind.service';
  putFolder(layer, 'etc/systemd/system');
  symlinkSync(`/lib/systemd/system/${logind}`, join(layer, 'etc/systemd/system', logind));
  const session = readFileSync(join(base, 'etc/pam.d/common-session'), 'utf8');
  put(layer, 'etc/pam.d/common-session', `${session}session optional pam_systemd.so\n`);
  put(layer, 'var/lib/systemd/linger/deploy', '');
}

function hostsText(hosts: readonly NamedAddress[]): string {
  const lines = hosts.map(({ name, address }) => `${address} ${name}`);
  return ['127.0.0.1 localhost', ...lines, ''].join('\n');
}

/** Writes a file of a layer; folders on its way are root's and 0755, whatever the umask is. */
export function put(
  layer: string,
  path: string,
  text: string,
  access: { readonly owner?: number; readonly mode?: number } = {},
): void {
  putFolder(layer, dirname(path));
  const file = join(layer, path);
  writeFileSync(file, text);
  chmodSync(file, access.mode ?? 0o644);
  if (access.owner !== undefined) chownSync(file, access.owner, access.owner);
}

export function putFolder(layer: string, path: string, owner?: number): void {
  const first = mkdirSync(join(layer, path), { recursive: true });
  if (first === undefined) return;
  for (let folder = join(layer, path); folder !== dirname(first); folder = dirname(folder)) {
    chmodSync(folder, 0o755);
  }
  if (owner !== undefined) chownSync(join(layer, path), owner, owner);
}
