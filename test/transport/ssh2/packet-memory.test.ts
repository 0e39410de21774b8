import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { CIPHERS } from '../../../src/transport/algorithms/algorithms.js';
import { reusePacketMemory } from '../../../src/transport/ssh2/packet-memory.js';
import { connected, dialTcp, hostAt, startServer } from '../support/ssh-server.js';
import { Valve } from '../support/valve.js';

const CONTENT = randomBytes(3_000_001);
const PIECE = 64 * 1024;

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

/** Stalls now and then. */
class Uneven extends Valve {
  #packets = 0;

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    this.#packets += 1;
    const write = () => super._write(chunk, encoding, done);
    if (this.#packets % 7 === 3) setImmediate(write);
    else write();
  }
}

interface Taking {
  readonly cipher?: (typeof CIPHERS)[number];
  /** Exchanges keys again after so many bytes. */
  readonly again?: number;
}

/** Uploads twice; gives the SHA-256 of what the server got. */
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
  const dial = async (...args: Parameters<typeof dialTcp>): Promise<Duplex> =>
    new Uneven(await dialTcp(...args));
  const connection = await connected(hostAt(port), { dial });
  for (let run = 0; run < 2; run += 1) {
    const end = await connection.exec('x', { timeoutMs: 20_000, stdin: payload() });
    expect(end).toMatchObject({ kind: 'exited', code: 0 });
  }
  return sums;
}

const SUM = createHash('sha256').update(CONTENT).digest('hex');

test.each(CIPHERS)('what is uploaded arrives as it is by %s', async (cipher) => {
  const sums = await uploadTo({ cipher });
  expect(sums).toEqual([SUM, SUM]);
});

test('and if keys are exchanged again in the middle', async () => {
  const sums = await uploadTo({ again: 1_000_000 });
  expect(sums).toEqual([SUM, SUM]);
});

/** What is inside ssh2, and a socket that has so much left to write. */
function packetsTo(socket: { writableLength: number }) {
  const write = { alloc: (size: number) => Buffer.alloc(5 + size + 16, 7) };
  const protocol = { _packetRW: { write }, _kexinit: undefined, _cipher: {} };
  const memory = reusePacketMemory({ _protocol: protocol } as never, socket as Duplex);
  const next = () => write.alloc(32_777).buffer;
  // The first of a form is made by ssh2.
  next();
  return { memory, next, write };
}

test('a packet lies in the memory of the last one once that was written, and else in other memory', () => {
  const socket = { writableLength: 0 };
  const { next } = packetsTo(socket);
  const first = next();
  expect(next()).toBe(first);
  socket.writableLength = 32_777;
  const second = next();
  expect(second).not.toBe(first);
  socket.writableLength = 0;
  expect(next()).toBe(first);
});

test('no more than four lie in kept memory, and none once the input is over', () => {
  const socket = { writableLength: 1 };
  const { next, memory } = packetsTo(socket);
  const busy = Array.from({ length: 8 }, next);
  expect(new Set(busy).size).toBe(8);
  socket.writableLength = 0;
  const again = next();
  expect(busy.slice(0, 4)).toContain(again);
  memory.release();
  expect(busy).not.toContain(next());
});

test('a packet has the head that ssh2 gave to others like it, and random padding', () => {
  const { write } = packetsTo({ writableLength: 0 });
  write.alloc(32_777).fill(1);
  const packet = write.alloc(32_777);
  expect(packet.length).toBe(5 + 32_777 + 16);
  expect(packet.subarray(0, 5)).toEqual(Buffer.alloc(5, 7));
  expect(packet.subarray(-16)).not.toEqual(Buffer.alloc(16, 1));
});
