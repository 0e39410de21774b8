import { sendNext } from '../../../src/notify/deliver/delivery.js';
import { outboxStage } from './outbox-stage.js';

/** A process of its own that sends what waits in a folder: `flush-process.ts STATE URL`. */
const [stateDir = '', url = ''] = process.argv.slice(2);
const { deps } = outboxStage(stateDir, [{ webhook: { url } }]);
const { signal } = new AbortController();
for (const key of deps.outbox.receivers()) {
  for (;;) {
    const { kind } = await sendNext(deps, key, { signal, atOnce: true });
    if (kind === 'empty' || kind === 'waits') break;
    // Another process has the turn.
    if (kind === 'busy') await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
