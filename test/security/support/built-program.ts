import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '../../..');
const ENSURE = join(CHECKOUT, 'scripts/ensure-built.mjs');

/** The program as users run it, built where sources are newer; for several test files at once. */
export function builtProgram(): string {
  const ensure = `import { ensureBuilt } from ${JSON.stringify(ENSURE)}; ensureBuilt();`;
  const node = [process.execPath, '--input-type=module', '-e', ensure];
  // Two builds at a time would write the same files.
  execFileSync('flock', [ENSURE, ...node], { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(CHECKOUT, 'bin/fleet.js');
}
