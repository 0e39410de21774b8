import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './deadline.js';

const ROOT = '/sys/fs/cgroup';

/**
 * A container's cgroup, one folder for each hierarchy that systemd uses. Each container has its own:
 * without one, all of them would share the paths of this process, and one host's systemd would end
 * another's services.
 */
export function containerCgroups(slot: number, machine: string): readonly string[] {
  const hierarchies = existsSync(`${ROOT}/cgroup.controllers`)
    ? [ROOT]
    : [`${ROOT}/systemd`, `${ROOT}/unified`];
  return hierarchies.map((hierarchy) => `${hierarchy}/fleet-lab/${slot}/${machine}`);
}

/** Makes the folders anew; what an earlier boot left in them is removed. */
export async function renewCgroups(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    // The kernel keeps a folder busy for a moment after its last process is gone.
    await until(5_000, `${group} to be free`, () => removeTree(group));
    mkdirSync(group, { recursive: true });
  }
}

/** Ends everything inside at once, as a power cut does. */
export function killCgroups(groups: readonly string[]): void {
  for (const group of groups) {
    const kill = join(group, 'cgroup.kill');
    if (existsSync(kill)) writeFileSync(kill, '1');
  }
}

function removeTree(group: string): boolean {
  if (!existsSync(group)) return true;
  try {
    const folders = readdirSync(group, { withFileTypes: true }).filter((item) =>
      item.isDirectory(),
    );
    if (!folders.every((folder) => removeTree(join(group, folder.name)))) return false;
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
