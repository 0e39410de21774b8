import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { connected, dialTcp, hostAt, startServer } from '../support/ssh-server.js';
import { Valve } from '../support/valve.js';

test('a stalled network holds the source back, not the bytes in memory', async () => {
  const size = 8_000_000;
  let arrived = 0;
  const server = await startServer({
    onExec: (_command, channel) => {
      channel.on('data', (chunk: Buffer) => {
        arrived += chunk.length;
      });
      channel.on('end', () => {
        channel.exit(0);
        channel.end();
      });
    },
  });
  let valve: Valve | undefined;
  const connection = await connected(hostAt(server.port), {
    async dial(host, signal) {
      valve = new Valve(await dialTcp(host, signal));
      return valve;
    },
  });
  let read = 0;
  const stdin = new Readable({
    read() {
      if (read === 0 && valve !== undefined) valve.stalled = true;
      const piece = Buffer.alloc(Math.min(64 * 1024, size - read));
      read += piece.length;
      this.push(piece.length === 0 ? null : piece);
    },
  });
  const outcome = connection.exec('x', { timeoutMs: 20_000, stdin });
  await expect.poll(() => read, { timeout: 10_000 }).toBeGreaterThan(0);
  for (let turns = 0; turns < 200; turns += 1) await new Promise(setImmediate);
  expect(read).toBeLessThan(512 * 1024);
  expect(valve?.writableLength).toBeLessThan(256 * 1024);
  valve?.open();
  expect(await outcome).toMatchObject({ kind: 'exited', code: 0 });
  expect(arrived).toBe(size);
});
