import { appendFileSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { mustRun } from './command.js';
import { enableUnits } from './enablement.js';
import { fleetUnits, type NamedAddress, writeFleetLayer } from './fleet-layer.js';
import { makeHostFiles, makeKey, mountVolume } from './host-files.js';
import { hostAddress, layNetwork } from './network.js';
import type { RealFleetOptions } from './options.js';
import { type RealHost, realHost } from './real-host.js';
import type { Slot } from './slot.js';

/** Where to boot, from what, and until when. */
export interface FleetBoot {
  readonly slot: Slot;
  /** The root file system that all hosts share. */
  readonly base: string;
  readonly options: RealFleetOptions;
  readonly over: AbortController;
}

/** What a boot makes. */
export interface BootedFleet {
  readonly hosts: readonly RealHost[];
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly incidents: readonly string[];
}

/** Boots all hosts of a slot, a few at a time. Throws once none of them is being booted any more. */
export async function bootFleet(boot: FleetBoot): Promise<BootedFleet> {
  const { slot, base, options, over } = boot;
  const identityFile = join(slot.dir, 'id_ed25519');
  const knownHostsFile = join(slot.dir, 'known_hosts');
  const addresses = hostNames(options.count).map((name, index) => ({
    name,
    address: hostAddress(slot, index),
  }));
  await makeFleetFolder(slot.dir, options.storage ?? 'memory');
  const publicKey = await makeKey(identityFile);
  const layer = join(slot.dir, 'layer');
  writeFleetLayer(layer, options, { base, publicKey, hosts: addresses });
  await layNetwork(slot, addresses);

  const incidents: string[] = [];
  const fleetwide = {
    slot,
    sshOptions: sshClientOptions(identityFile, knownHostsFile),
    onIncident: (incident: string): unknown => incidents.push(incident),
    over: over.signal,
  };
  const bootHost = async ({ name, address }: NamedAddress): Promise<RealHost> => {
    over.signal.throwIfAborted();
    const files = await makeHostFiles(join(slot.dir, name), name, [layer, base]);
    appendFileSync(knownHostsFile, `${address} ${files.publicKey}\n`);
    await mountVolume(files.rootfs, options);
    await options.change?.(files.rootfs);
    const host = realHost({ ...fleetwide, ...files, name, address });
    await host.start();
    enableUnits(host.rootfs, fleetUnits(options));
    return host;
  };
  const hosts = await allOrNone(addresses, bootHost, over);
  return { hosts, identityFile, knownHostsFile, incidents };
}

/** The first failure calls the others off, and is thrown when they have stopped. */
async function allOrNone<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  over: AbortController,
): Promise<readonly Result[]> {
  const limit = pLimit(availableParallelism() * 4);
  const failures: unknown[] = [];
  const results = await limit.map(items, async (item) => {
    try {
      return [await work(item)];
    } catch (error) {
      failures.push(error);
      over.abort();
      return [];
    }
  });
  if (failures.length > 0) throw failures[0];
  return results.flat();
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
