// `npm run inventories -- --count N --seed S`: generated inventories in Ansible's forms, read by fleet and
// by Debian's ansible-core, and compared. Differences are printed with their files.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../test/config/ansible/support/main.ts', import.meta.url));
const argv = ['--import', 'tsx', main, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
process.exit(status ?? 1);
