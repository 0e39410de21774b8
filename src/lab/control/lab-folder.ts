import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { ensurePersonalFolder } from '../../files/own-files.js';
import { startTimeOf } from '../../files/process-identity.js';

/** The process of the practice fleet of a folder; `pid` is 0 if there is none. */
export interface LabOwner {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, so that a reused pid is not mistaken for it. */
  readonly startTime: string;
}

const MARK_FILE = 'lab.json';
/** What a lab makes in its folder, and may delete. */
const OWN_FILES = [
  'hosts',
  'run',
  'shims',
  'id_ed25519',
  'id_ed25519.pub',
  'known_hosts',
  'inventory.yaml',
  'lab.log',
  'lab.sock',
];

export function socketPath(dir: string): string {
  return join(dir, 'lab.sock');
}

/**
 * Removes what an earlier lab has left in the folder. Refuses (`usage`) a non-empty folder that was not a lab's, and
 * (`untrusted_file`) another user's folder: programs are run there.
 */
export function claimLabFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  ensurePersonalFolder(realpathSync(dir));
  if (readdirSync(dir).length > 0 && !existsSync(join(dir, MARK_FILE)))
    throw new FleetError(
      'usage',
      `${dir} is not empty, and is not the folder of a practice fleet`,
      {
        hint: 'name another folder with --dir',
      },
    );
  // sun_path of sockaddr_un has 108 bytes including its end.
  if (Buffer.byteLength(socketPath(dir)) > 107)
    throw new FleetError('usage', `${dir} is too long a path for a unix socket`, {
      hint: 'name a shorter folder with --dir',
    });
  writeLabOwner(dir, { pid: 0, startTime: '' });
  for (const name of OWN_FILES) rmSync(join(dir, name), { recursive: true, force: true });
}

export function writeLabOwner(dir: string, owner: LabOwner): void {
  writeFileSync(join(dir, MARK_FILE), `${JSON.stringify(owner)}\n`);
}

/** The live process of the folder's lab, or null. */
export function readLabOwner(dir: string): LabOwner | null {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(join(dir, MARK_FILE), 'utf8'));
  } catch {
    return null;
  }
  if (typeof found !== 'object' || found === null) return null;
  const { pid, startTime } = found as Partial<LabOwner>;
  if (typeof pid !== 'number' || typeof startTime !== 'string' || pid === 0) return null;
  return startTimeOf(pid) === startTime ? { pid, startTime } : null;
}
