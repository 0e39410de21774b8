import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findAptSource } from './apt-source.js';
import { mustRun } from './command.js';

const CACHE = '/var/cache/fleet-lab';
const BUILD_SCRIPT = fileURLToPath(new URL('../build-base.sh', import.meta.url));

/** Which root file system; without anything, this machine's own Debian. */
export interface BaseImage {
  /** Debian packages beside what fleet needs; the image is then one of its own. */
  readonly packages?: readonly string[];
  /** Another Debian than this machine's: `bullseye`, `trixie`, `sid`. */
  readonly suite?: string;
  /** /bin, /sbin and /lib are folders of their own, as on a Debian that was upgraded from 9. */
  readonly splitUsr?: boolean;
}

/**
 * The folder of the root file system that all hosts share, read-only by convention.
 * The first call on a machine builds it, which takes about 45 s; concurrent callers wait for it.
 */
export async function ensureBaseImage(image: BaseImage = {}): Promise<string> {
  const source = findAptSource();
  const suite = image.suite ?? source.suite;
  const layout = image.splitUsr === true ? '--no-merged-usr' : '--merged-usr';
  const more = (image.packages ?? []).toSorted().join(',');
  const recipe = createHash('sha256').update(readFileSync(BUILD_SCRIPT)).update(layout);
  const name = `${suite}-${recipe.update(more).digest('hex').slice(0, 16)}`;
  const target = `${CACHE}/${name}`;
  if (existsSync(target)) return target;
  mkdirSync(CACHE, { recursive: true });
  const args = [BUILD_SCRIPT, target, suite, source.uri, source.keyring, layout, more];
  await mustRun('bash', args, { timeout: 600_000 });
  return target;
}
