import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './command.js';
import { DEPLOY_UID, put, putFolder } from './fleet-layer.js';
import type { RealFleetOptions } from './options.js';

/** A host's own folder: `upper` is what it wrote, `root` what it sees. */
export interface HostFiles {
  readonly dir: string;
  readonly rootfs: string;
  /** Type and key, as a line of known_hosts holds them after the address. */
  readonly publicKey: string;
}

/** Gives a host its identity, and mounts its root file system. `lower` is highest first. */
export async function makeHostFiles(
  dir: string,
  name: string,
  lower: readonly string[],
): Promise<HostFiles> {
  const [upper, work, rootfs] = [join(dir, 'upper'), join(dir, 'work'), join(dir, 'root')];
  for (const folder of [upper, work, rootfs]) mkdirSync(folder, { recursive: true });
  chmodSync(upper, 0o755);
  put(upper, 'etc/machine-id', `${randomUUID().replaceAll('-', '')}\n`);
  put(upper, 'etc/hostname', `${name}\n`);
  putFolder(upper, 'etc/ssh');
  const publicKey = await makeKey(join(upper, 'etc/ssh/ssh_host_ed25519_key'));
  const layers = `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`;
  await mustRun('mount', ['-t', 'overlay', '-o', layers, 'fleet-lab', rootfs]);
  return { dir, rootfs, publicKey };
}

/** Mounts what `volumeMiB` asks for, from outside of the host, whose reboots then leave it alone. */
export async function mountVolume(rootfs: string, options: RealFleetOptions): Promise<void> {
  if (options.volumeMiB === undefined) return;
  const settings = `size=${options.volumeMiB}m,mode=0755,uid=${DEPLOY_UID},gid=${DEPLOY_UID}`;
  const folder = join(rootfs, 'opt', options.app ?? 'shop');
  await mustRun('mount', ['-t', 'tmpfs', '-o', settings, 'fleet-lab', folder]);
}

/** Makes an ed25519 key pair without passphrase; returns the public half without its comment. */
export async function makeKey(file: string): Promise<string> {
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim();
}
