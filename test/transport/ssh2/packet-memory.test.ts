import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { CIPHERS } from '../../../src/transport/algorithms/algorithms.js';
import { connected, dialTcp, hostAt, startServer } from '../support/ssh-server.js';
import { Valve } from '../support/valve.js';

const CONTENT = randomBytes(3_000_001);
const PIECE = 64 * 1024;
const LARGE = 16 * 1024;

/** In pieces that use the same memory again, as those of a file do. */
function payload(): Readable {
  const rooms = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)];
  return Readable.from(
    (function* () {
      for (let at = 0, piece = 0; at < CONTENT.length; at += PIECE, piece += 1) {
        const room = rooms[piece % 2] ?? Buffer.alloc(PIECE);
        yield room.subarray(0, CONTENT.copy(room, 0, at, at + PIECE));
      }
    })(),
    { highWaterMark: 1 },
  );
}

/** Notes the memory of each large packet, and stalls now and then. */
class Seen extends Valve {
  readonly memory = new Set<ArrayBufferLike>();
  packets = 0;

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    if (chunk.length >= LARGE) {
      this.memory.add(chunk.buffer);
      this.packets += 1;
    }
    const write = () => super._write(chunk, encoding, done);
    if (this.packets % 7 === 3) setImmediate(write);
    else write();
  }
}

interface Taking {
  readonly cipher?: (typeof CIPHERS)[number];
  /** Exchanges keys again after so many bytes. */
  readonly again?: number;
}

/** Uploads twice; gives what the server got, by SHA-256, and what was seen of packets. */
async function uploadTo({ cipher, again }: Taking) {
  const sums: string[] = [];
  const { port } = await startServer({
    ...(cipher === undefined ? {} : { algorithms: { cipher: [cipher] } }),
    onExec: (_, channel, connection) => {
      const hash = createHash('sha256');
      let bytes = 0;
      channel.on('data', (chunk: Buffer) => {
        const before = bytes;
        bytes += chunk.length;
        hash.update(chunk);
        if (again !== undefined && before < again && bytes >= again) connection.rekey();
      });
      channel.on('end', () => {
        sums.push(hash.digest('hex'));
        channel.exit(0);
        channel.end();
      });
    },
  });
  let seen: Seen | undefined;
  const dial = async (...args: Parameters<typeof dialTcp>): Promise<Duplex> => {
    seen = new Seen(await dialTcp(...args));
    return seen;
  };
  const connection = await connected(hostAt(port), { dial });
  for (let run = 0; run < 2; run += 1) {
    const end = await connection.exec('x', { timeoutMs: 20_000, stdin: payload() });
    expect(end).toMatchObject({ kind: 'exited', code: 0 });
  }
  return { sums, memory: seen?.memory.size, packets: seen?.packets };
}

const SUM = createHash('sha256').update(CONTENT).digest('hex');

test.each(CIPHERS)('what is uploaded arrives as it is by %s', async (cipher) => {
  const { sums } = await uploadTo({ cipher });
  expect(sums).toEqual([SUM, SUM]);
});

test('and if keys are exchanged again in the middle', async () => {
  const { sums } = await uploadTo({ again: 1_000_000 });
  expect(sums).toEqual([SUM, SUM]);
});

test('its packets use the same memory again', async () => {
  const { memory, packets } = await uploadTo({});
  expect(packets).toBeGreaterThan(150);
  // Those at the edge of the server's window have a size of their own.
  expect(memory).toBeLessThan(20);
});
