import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type DelayProxy, startProxy } from '../../bench/proxy/start-proxy.js';

const RTT = 40;

describe('the delay proxy', () => {
  const open: { proxies: DelayProxy[]; servers: Server[] } = { proxies: [], servers: [] };
  afterEach(async () => {
    await Promise.all(open.proxies.splice(0).map((proxy) => proxy.close()));
    for (const server of open.servers.splice(0)) server.close();
  });

  test('gives an answer no sooner than its round trips take, the handshake among them', async () => {
    const { connectTo, proxy } = await proxied((peer) => peer.pipe(peer));
    const began = performance.now();
    const client = connectTo();
    for (const word of ['one', 'two', 'three']) {
      client.write(word);
      expect(String((await once(client, 'data'))[0])).toBe(word);
    }
    expect(performance.now() - began).toBeGreaterThanOrEqual(4 * RTT);
    client.end();
    const [count] = await proxy.counts();
    expect(count).toMatchObject({ to: '127.0.0.1', sent: 11, received: 11 });
    expect(count?.roundTrips.map((trip) => trip.count)).toEqual([1, 2, 3, 4]);
  });

  test('keeps every byte in its place, of much that is sent both ways at once', async () => {
    const { connectTo, proxy } = await proxied((peer) => peer.pipe(peer));
    const bytes = Buffer.from(Array.from({ length: 20e6 / 8 }, (_, i) => i).join(' '));
    const client = connectTo();
    client.end(bytes);
    expect((await buffer(client)).equals(bytes)).toBe(true);
    expect(await proxy.counts()).toMatchObject([{ sent: bytes.length, received: bytes.length }]);
  });

  test('lets a side go on that has heard all of the other', async () => {
    const { connectTo } = await proxied((peer) => {
      let heard = '';
      peer.on('data', (data: Buffer) => {
        heard += data;
      });
      peer.on('end', () => peer.end(`heard ${heard}`));
    });
    const client = connectTo();
    client.end('this');
    expect(await text(client)).toBe('heard this');
  });

  test('ends a connection whose server is not there', async () => {
    const { connectTo, proxy, server } = await proxied(() => undefined);
    server.close();
    await once(server, 'close');
    const client = connectTo();
    await expect(buffer(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await proxy.counts()).toMatchObject([{ received: 0 }]);
  });

  /** A proxy before a server of this process. */
  async function proxied(serve: (peer: Socket) => unknown) {
    const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const from = { address: '127.0.0.1', port: await freePort() };
    const to = { address: '127.0.0.1', port: portOf(server) };
    const proxy = await startProxy([{ from, to }], RTT);
    open.servers.push(server);
    open.proxies.push(proxy);
    return {
      proxy,
      server,
      connectTo: () => connect({ host: from.address, port: from.port, allowHalfOpen: true }),
    };
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
