import { openLogHistory } from '../../../src/history/log/open.js';
import { asRunId } from '../../../src/model/names.js';
import { endOf, lineOf, runOn } from '../contract/runs.js';
import { openAt } from './open-here.js';

const [url = '', writer = ''] = process.argv.slice(2);

/** A process of its own that writes forty whole runs of one release into a history on a server. It tells of the first. */
const store = url.startsWith('log:') ? await openLogHistory(url.slice(4)) : await openAt(url);
for (let n = 0; n < 40; n += 1) {
  const start = { ...runOn(1), run: asRunId(`run-${writer}-${n}`) };
  await store.recordStart(start);
  for (const seq of [2, 3, 4]) {
    await store.recordProgress(start.run, { hosts: [], events: [lineOf(start, seq)] });
  }
  await store.recordEnd(start.run, endOf(start));
  if (n === 0) process.send?.('begun');
}
await store.close();
process.disconnect?.();
