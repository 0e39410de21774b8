import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mustRun } from './command.js';

const SETUP = fileURLToPath(new URL('../../../scripts/setup-debian.sh', import.meta.url));
const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';

/** Why this machine cannot have a real fleet, or undefined when it can. Made for `skipIf`. */
export function realFleetObstacle(): string | undefined {
  if (!existsSync('/etc/debian_version')) return 'needs Debian';
  if (process.getuid?.() !== 0) return 'needs root';
  return undefined;
}

/** Makes this machine ready: packages, and room in the kernel for many systemds. */
export async function ensurePrerequisites(): Promise<void> {
  const obstacle = realFleetObstacle();
  if (obstacle !== undefined) throw new Error(`a real fleet ${obstacle}`);
  await mustRun('bash', [SETUP], { timeout: 600_000 });
  // Each systemd takes about five; the default of 128 is used up by 25 hosts.
  const wanted = 8192;
  if (Number(readFileSync(INOTIFY_INSTANCES, 'utf8')) < wanted) {
    writeFileSync(INOTIFY_INSTANCES, String(wanted));
  }
}
