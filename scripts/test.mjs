// `npm test`: does all its own set-up, then runs every test that this machine can run.
// Arguments are passed to vitest: `npm test -- test/rollout`.
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mjs';

const root = process.getuid?.() === 0;
const always = process.env.FLEET_REAL === 'always';

function call(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  return status ?? 1;
}

ensureBuilt();
if (root && call('bash', ['scripts/setup-debian.sh']) !== 0) process.exit(1);
if (!root && always) {
  process.stderr.write('The real-host tests boot containers and must be run as root.\n');
  process.exit(1);
}
if (!root) process.stderr.write('Not root: the real-host tests are left out.\n');
const projects = root ? ['--project', 'fast', '--project', 'real'] : ['--project', 'fast'];
process.exit(call('node_modules/.bin/vitest', ['run', ...projects, ...process.argv.slice(2)]));
