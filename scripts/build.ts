// `npm run build`: src/ into dist/, a few files instead of a thousand, and what V8 has compiled of them
// (docs/decisions/018 and 020). Types are checked by `npm run types`.
import { spawnSync } from 'node:child_process';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleModules, bundleScript } from './bundle.js';

const CHECKOUT = join(import.meta.dirname, '..');
/** It takes a second or two; milliseconds. */
const LONGEST_WARM_UP_MS = 60_000;

const at = (path: string): string => join(CHECKOUT, path);

// Beside the old build, so that a command that starts meanwhile finds one or the other.
const target = at('dist.new');
rmSync(target, { recursive: true, force: true });
await bundleScript(at('src/cli/main.ts'), join(target, 'main.cjs'));
await bundleModules({ entries: [at('src/lab/control/daemon.ts')], folder: target });
// The host program and the practice fleet's shims are shell texts that are read at run time.
cpSync(at('src/host/program'), join(target, 'program'), { recursive: true });
cpSync(at('src/lab/fleet/shims'), join(target, 'shims'), { recursive: true });
rmSync(at('dist'), { recursive: true, force: true });
renameSync(target, at('dist'));
// Only now, since Node 22 keeps compiled code by the path of what it was compiled from.
warmUp();

/** In a process of its own, since only what has run there is kept. */
function warmUp(): void {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, error, stderr } = spawnSync(
    process.execPath,
    [at('scripts/warm-up.mjs'), at('dist')],
    { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST_WARM_UP_MS },
  );
  if (status === 0) return;
  throw new Error(`the warm-up of the build failed: ${error?.message ?? ''}\n${stderr}`);
}
