import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findAptSource } from './apt-source.js';
import { ensureBaseImage } from './base-image.js';
import { mustRun } from './command.js';
import { ensurePrerequisites } from './prerequisites.js';

const CACHE = '/var/cache/fleet-lab';
const BUILD_SCRIPT = fileURLToPath(new URL('../build-sudo.sh', import.meta.url));

/** Debians with another sudo than this machine's; the later ones have sudo-rs as well. */
const PACKAGES = { bullseye: 'sudo', trixie: 'sudo,sudo-rs', forky: 'sudo,sudo-rs' } as const;

export type SudoSuite = keyof typeof PACKAGES | 'here';

/**
 * The folder of a root file system with the sudo of that Debian, read-only by convention; `here` is
 * the one that the lab's hosts have. Each takes about 35 s on its first use on a machine.
 */
export async function ensureSudoImage(suite: SudoSuite): Promise<string> {
  await ensurePrerequisites();
  if (suite === 'here') return ensureBaseImage();
  const recipe = createHash('sha256').update(PACKAGES[suite]).update(readFileSync(BUILD_SCRIPT));
  const image = `${CACHE}/sudo-${suite}-${recipe.digest('hex').slice(0, 16)}`;
  if (existsSync(image)) return image;
  mkdirSync(CACHE, { recursive: true });
  const args = [BUILD_SCRIPT, image, suite, findAptSource().uri, PACKAGES[suite]];
  await mustRun('bash', args, { timeout: 600_000 });
  return image;
}
