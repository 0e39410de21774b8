// `npm run sim -- --runs N --seed S`: simulated fleets with faults, checked after every change.
// A violation is shrunk and printed with the line that shows it again: `--path P` or `--scenario JSON`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../test/sim/main.ts', import.meta.url));
const argv = ['--import', 'tsx', main, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
process.exit(status ?? 1);
