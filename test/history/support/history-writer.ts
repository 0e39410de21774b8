import { asRunId } from '../../../src/model/names.js';
import { runOn } from '../contract/runs.js';
import { openHere } from './open-here.js';

const [file = '', writer = ''] = process.argv.slice(2);

/** A process of its own that writes ten runs into a shared history. */
const store = await openHere(file);
for (let n = 0; n < 10; n += 1) {
  await store.recordStart({ ...runOn(1), run: asRunId(`run-${writer}-${n}`) });
}
await store.close();
