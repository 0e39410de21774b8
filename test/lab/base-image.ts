import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findAptSource } from './apt-source.js';
import { mustRun } from './command.js';

const CACHE = '/var/cache/fleet-lab';
const BUILD_SCRIPT = fileURLToPath(new URL('build-base.sh', import.meta.url));

/**
 * The folder of the root file system that all hosts share, read-only by convention.
 * The first call on a machine builds it, which takes about 45 s; concurrent callers wait for it.
 * With `packages`, it is an image of its own.
 */
export async function ensureBaseImage(packages: readonly string[] = []): Promise<string> {
  const { uri, suite, keyring } = findAptSource();
  const recipe = createHash('sha256').update(suite).update(readFileSync(BUILD_SCRIPT));
  const more = packages.join(',');
  if (more !== '') recipe.update(more);
  const image = `${CACHE}/${suite}-${recipe.digest('hex').slice(0, 16)}`;
  if (existsSync(image)) return image;
  mkdirSync(CACHE, { recursive: true });
  await mustRun('bash', [BUILD_SCRIPT, image, suite, uri, keyring, more], { timeout: 600_000 });
  return image;
}
