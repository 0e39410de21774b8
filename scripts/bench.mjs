// `npm run bench`: does its own set-up, then measures fleet beside a bare ssh loop on real hosts.
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mjs';

ensureBuilt();
const call = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
if (call('bash', ['scripts/setup-debian.sh']) !== 0) process.exit(1);
process.exit(call('node_modules/.bin/tsx', ['bench/main.ts', ...process.argv.slice(2)]));
