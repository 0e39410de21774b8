// `npm run chaos`: does its own set-up, then breaks a fleet of real hosts in run after run.
//   npm run chaos -- --runs 100 --seed 1 [--hosts 20] [--json]
//   npm run chaos -- --seed 1 --only 17 [--keep]
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mjs';

ensureBuilt();
const call = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
if (call('bash', ['scripts/setup-debian.sh']) !== 0) process.exit(1);
process.exit(call('node_modules/.bin/tsx', ['test/chaos/main.ts', ...process.argv.slice(2)]));
