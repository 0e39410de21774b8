/**
 * A network with a round-trip time, in a process of its own: for each route a listener, and what it
 * accepts is relayed. Started by `startProxy`, which also asks for what was counted.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type FromProxy, type Route, toProxySchema } from './proxy/messages.js';
import { type ConnectionCount, relay } from './proxy/relay.js';

const open = new Set<Promise<void>>();
const counts: ConnectionCount[] = [];

process.on('message', (raw) => {
  const message = toProxySchema.parse(raw);
  if (message.kind === 'drain') void drain();
  else void listen(message.routes, message.rttMs);
});
// The parent is gone, whatever became of it.
process.on('disconnect', () => process.exit());

async function listen(routes: readonly Route[], rttMs: number): Promise<void> {
  for (const { from, to } of routes) {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const over = relay(client, to, rttMs).then((count) => {
        counts.push(count);
        open.delete(over);
      });
      open.add(over);
    });
    server.listen({ host: from.address, port: from.port, backlog: 512 });
    await once(server, 'listening');
  }
  tell({ kind: 'listening' });
}

/** Waits for the connections that are open, and hands over the counts since the last time. */
async function drain(): Promise<void> {
  await Promise.all(open);
  tell({ kind: 'drained', counts: counts.splice(0) });
}

function tell(message: FromProxy): void {
  process.send?.(message);
}
