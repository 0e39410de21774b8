// `npm run matrix`: does its own set-up, then deploys to every kind of host in test/matrix/rows.ts.
//   npm run matrix -- -t toybox
import { spawnSync } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mjs';

ensureBuilt();
const call = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
if (call('bash', ['scripts/setup-debian.sh']) !== 0) process.exit(1);
const args = ['run', '--project', 'matrix', '--reporter', 'verbose', ...process.argv.slice(2)];
process.exit(call('node_modules/.bin/vitest', args));
