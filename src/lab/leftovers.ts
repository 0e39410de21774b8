import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The variable by which a lab finds its processes, also after it died; its value is the folder. */
export const LAB_MARK = 'FLEET_LAB';

/**
 * Processes with the mark of the lab in `dir`: services, commands, and their background processes. Zombies have no
 * environment, so they are not included.
 */
export function findLeftovers(dir: string): readonly number[] {
  const mark = `${LAB_MARK}=${dir}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => environmentOf(name).includes(mark))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** Kills them until none is left; returns how many there were. Throws if some do not end. */
export async function endLeftovers(dir: string): Promise<number> {
  const seen = new Set<number>();
  for (let round = 0; round < 100; round++) {
    const pids = findLeftovers(dir);
    if (pids.length === 0) return seen.size;
    for (const pid of pids) {
      seen.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended between the look and the signal.
      }
    }
    await sleep(20);
  }
  throw new Error(`processes of the practice fleet do not end: ${findLeftovers(dir).join(' ')}`);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Gone, or another user's.
    return [];
  }
}
