import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { withFileLock } from '../../../src/files/file-lock.js';

/**
 * A process that takes a lock again and again: `node lock-holder.ts LOCK TIMES DIES`. While it has the
 * lock it holds `LOCK.inside`, which only one can make; DIES says how often it dies with the lock.
 */
const [lock = '', times = '0', dies = '0'] = process.argv.slice(2);
const inside = `${lock}.inside`;

process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
for (let turn = 0; turn < Number(times); turn += 1) {
  await withFileLock(lock, async () => {
    try {
      closeSync(openSync(inside, 'wx'));
    } catch {
      writeSync(1, 'two holders\n');
    }
    await setImmediate();
    rmSync(inside, { force: true });
    if (turn + 1 === Number(times) && Number(dies) > 0) process.kill(process.pid, 'SIGKILL');
  });
}
process.stdout.write('done\n');
process.exit(0);
