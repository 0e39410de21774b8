import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { openHistory } from '../../../src/history/open.js';
import { runOn } from '../contract/runs.js';

/**
 * Writes to a history until this machine's name server, which is here and never answers, is asked; then closes it. Prints
 * when. The process ends once nothing keeps it.
 */
const [url = ''] = process.argv.slice(2);
const names = createSocket('udp4');
names.bind(53, '127.0.0.1');
await once(names, 'listening');
const store = await openHistory(
  { kind: 'url', url },
  { now: () => new Date(), random: Math.random },
);
const asked = once(names, 'message').then(() => 'for the name server');
const write = store.recordStart(runOn(1)).catch(() => 'for nothing');
const waited = await Promise.race([asked, write]);
names.unref();
const closedAt = Date.now();
await store.close();
process.stdout.write(JSON.stringify({ waited, closedAt }));
