import { ensureBaseImage } from './base-image.js';
import { type BootedFleet, bootFleet } from './fleet-boot.js';
import { writeInventoryFile } from './inventory-file.js';
import type { RealFleetOptions } from './options.js';
import { ensurePrerequisites } from './prerequisites.js';
import type { RealHost } from './real-host.js';
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
  /** Boots that had to be repeated, with what failed in them. Empty as a rule. */
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
 * of the fleet outlives it for long. Needs root and Debian, see `realFleetObstacle`.
 */
export async function bootRealFleet(options: RealFleetOptions): Promise<RealFleet> {
  if (!(options.count >= 1 && options.count <= 240)) throw new Error('a fleet has 1 to 240 hosts');
  await ensurePrerequisites();
  const base = await ensureBaseImage(options.base);
  const slot = await claimSlot();
  const over = new AbortController();
  const shutdown = (): Promise<void> => {
    over.abort();
    return releaseSlot(slot);
  };
  try {
    return realFleet(slot, await bootFleet({ slot, base, options, over }), shutdown);
  } catch (error) {
    await shutdown();
    throw error;
  }
}

function realFleet(slot: Slot, booted: BootedFleet, shutdown: RealFleet['shutdown']): RealFleet {
  return {
    ...booted,
    dir: slot.dir,
    slot: slot.number,
    host(name) {
      const found = booted.hosts.find((host) => host.name === name);
      if (found === undefined) throw new Error(`no host ${name} in this fleet`);
      return found;
    },
    writeInventory: (file, { group = 'web' } = {}) => writeInventoryFile(file, group, booted),
    shutdown,
  };
}
