import { setTimeout as delay } from 'node:timers/promises';
import { openHistory } from '../../../src/history/open.js';
import { asRunId } from '../../../src/model/names.js';
import { historyLocationSchema } from '../../../src/model/runs/app.js';
import { endOf, hostIn, lineOf, runOn } from '../contract/runs.js';

/**
 * A process of its own that writes runs into a shared history, as a bastion does. It prints each write that the store
 * has taken; one that failed is repeated until it is taken.
 */
const [where = '', writer = '', runs = '10'] = process.argv.slice(2);
const location = historyLocationSchema().parse(JSON.parse(where));
const store = await openHistory(location, { now: () => new Date(), random: Math.random });

async function until(name: string, write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await write();
      process.stdout.write(`${name}\n`);
      return;
    } catch {
      await delay(100);
    }
  }
}

for (let n = 0; n < Number(runs); n += 1) {
  const run = runOn(1, { run: asRunId(`run-${writer}-${n}`), operator: `${writer}@bastion` });
  await until(`start ${run.run}`, () => store.recordStart(run));
  for (const part of [0, 1, 2]) {
    const events = [10, 11, 12].map((seq) => lineOf(run, part * 100 + seq));
    const hosts = [
      hostIn(run, 'web2', { seq: part * 100 + 13, state: part === 2 ? 'done' : 'failed' }),
    ];
    await until(`part${part} ${run.run}`, () => store.recordProgress(run.run, { events, hosts }));
  }
  await until(`end ${run.run}`, () => store.recordEnd(run.run, endOf(run)));
}
await store.close();
