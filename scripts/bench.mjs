// `npm run bench`: does its own set-up, then measures fleet beside its peers on real hosts.
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mjs';

const args = process.argv.slice(2);
const call = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;

ensureBuilt();
for (const setup of ['setup-debian.sh', 'setup-bench.sh']) {
  if (call('bash', [`scripts/${setup}`]) !== 0) process.exit(1);
}
process.exit(call('node_modules/.bin/tsx', ['bench/main.ts', ...args]));
