import { appendFileSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { ensureBaseImage } from './base-image.js';
import { mustRun } from './command.js';
import { enableUnits } from './enablement.js';
import { fleetUnits, writeFleetLayer } from './fleet-layer.js';
import { makeHostFiles, makeKey } from './host-files.js';
import { writeInventoryFile } from './inventory-file.js';
import { hostAddress, layNetwork } from './network.js';
import type { RealFleetOptions } from './options.js';
import { ensurePrerequisites } from './prerequisites.js';
import { type RealHost, realHost } from './real-host.js';
import { claimSlot, releaseSlot, type Slot } from './slot.js';

/** Servers to test against: systemd, OpenSSH and sudo, each in a network namespace of its own. */
export interface RealFleet {
  readonly hosts: readonly RealHost[];
  /** A folder for what belongs to this fleet; it goes away with the fleet. */
  readonly dir: string;
  /** The number that names the fleet in the lab's CLI and on the machine. */
  readonly slot: number;
  /** The private key of `deploy`. */
  readonly identityFile: string;
  /** Holds every host's key, under its address. */
  readonly knownHostsFile: string;
  /** Boots that had to be repeated, with the failed units. Empty as a rule. */
  readonly incidents: readonly string[];
  /** The host of that name; throws when there is none. */
  host(name: string): RealHost;
  /** Writes an inventory in which all hosts are in one group, `web` unless told. */
  writeInventory(file: string, options?: { readonly group?: string }): void;
  /** Ends and removes everything; throws when something stays. */
  shutdown(): Promise<void>;
}

/**
 * Boots a fleet; resolves when `deploy` can log in everywhere. Whatever ends this process, nothing
 * of the fleet outlives it for long. Needs root and Debian, see {@link realFleetObstacle}.
 */
export async function bootRealFleet(options: RealFleetOptions): Promise<RealFleet> {
  if (options.count < 1 || options.count > 240) throw new Error('a fleet has 1 to 240 hosts');
  await ensurePrerequisites();
  const base = await ensureBaseImage();
  const slot = await claimSlot();
  try {
    return await bootInSlot(slot, base, options);
  } catch (error) {
    await releaseSlot(slot);
    throw error;
  }
}

async function bootInSlot(slot: Slot, base: string, options: RealFleetOptions): Promise<RealFleet> {
  const { dir } = slot;
  const identityFile = join(dir, 'id_ed25519');
  const knownHostsFile = join(dir, 'known_hosts');
  const names = hostNames(options.count);
  await makeFleetFolder(dir, options.storage ?? 'memory');
  const publicKey = await makeKey(identityFile);
  const addresses = names.map((name, index) => ({ name, address: hostAddress(slot, index) }));
  const layer = join(dir, 'layer');
  writeFleetLayer(layer, options, { base, publicKey, hosts: addresses });
  await layNetwork(slot, names);

  const incidents: string[] = [];
  const sshOptions = sshClientOptions(identityFile, knownHostsFile);
  const limit = pLimit(availableParallelism() * 4);
  const hosts = await limit.map(addresses, async ({ name, address }) => {
    const files = await makeHostFiles(join(dir, name), name, [layer, base]);
    appendFileSync(knownHostsFile, `${address} ${files.publicKey}\n`);
    const onIncident = (incident: string): unknown => incidents.push(incident);
    const host = realHost({ slot, name, address, ...files, sshOptions, onIncident });
    await host.start();
    enableUnits(host.rootfs, fleetUnits(options));
    return host;
  });
  return {
    hosts,
    dir,
    slot: slot.number,
    identityFile,
    knownHostsFile,
    incidents,
    host(name) {
      const found = hosts.find((host) => host.name === name);
      if (found === undefined) throw new Error(`no host ${name} in this fleet`);
      return found;
    },
    writeInventory(file, { group = 'web' } = {}) {
      writeInventoryFile(file, group, { hosts, identityFile, knownHostsFile });
    },
    shutdown: () => releaseSlot(slot),
  };
}

async function makeFleetFolder(dir: string, storage: 'memory' | 'disk'): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  if (storage === 'memory') {
    await mustRun('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'fleet-lab', dir]);
  }
}

function hostNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `h${String(index + 1).padStart(2, '0')}`);
}

/** Nothing of the user's own configuration, and no question: a wrong key is a failure. */
function sshClientOptions(identityFile: string, knownHostsFile: string): readonly string[] {
  const settings = [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'GlobalKnownHostsFile=none',
    'IdentitiesOnly=yes',
    // First choice only: the post-quantum exchange costs 50 ms of CPU more a login.
    'KexAlgorithms=^curve25519-sha256',
    'LogLevel=ERROR',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHostsFile}`,
  ];
  return ['-F', 'none', '-i', identityFile, ...settings.flatMap((setting) => ['-o', setting])];
}
