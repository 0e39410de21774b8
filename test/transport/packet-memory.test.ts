import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createConnection, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CipherAlgorithm } from 'ssh2';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/transport/port.js';
import { dialTcp, hostAt, startServer, startTcp, transportFor } from './ssh-server.js';

const MEGABYTE = 1024 ** 2;
const CHANNELS = 8;

test.skipIf(!hasNativeCrypto())('uploads to several hosts leave little memory behind', async () => {
  const port = await hashingServer();
  const memories = new Set<ArrayBufferLike>();
  let packets = 0;
  const transport = transportFor({
    async dial(host, signal) {
      const socket = await dialTcp(host, signal);
      watchWrites(socket, (bytes) => {
        packets += 1;
        memories.add(bytes.buffer);
      });
      return socket;
    },
  });
  for (let sent = 0; sent < 4; sent += 1) {
    const connection = await connect(transport, port);
    const content = randomBytes(MEGABYTE / 2);
    expect(await upload(connection, content)).toBe(sha256(content));
  }
  expect(packets).toBeGreaterThan(60);
  // Only a packet that the kernel would not take at once keeps its memory.
  expect(memories.size).toBeLessThan(packets / 2);
});

test('a packet that the network does not take yet stays as it is while others are sent', async () => {
  let commands = 0;
  const port = await hashingServer({
    onCommand() {
      commands += 1;
      if (commands === CHANNELS) line.stall();
    },
  });
  const line = await startLine(port);
  let dialled = port;
  const transport = transportFor({
    dial: (host, signal) => dialTcp({ ...host, ssh: { ...host.ssh, port: dialled } }, signal),
  });
  const quick = await connect(transport, port);
  dialled = line.port;
  const slow = await connect(transport, port);
  // What the windows of so many channels hold is more than the kernel takes for one connection.
  const contents = Array.from({ length: CHANNELS }, () => randomBytes(2 * MEGABYTE));
  const held = Promise.all(contents.map((content) => upload(slow, content)));
  for (let sent = 0; sent < 8; sent += 1) {
    const other = randomBytes(MEGABYTE);
    expect(await upload(quick, other)).toBe(sha256(other));
  }
  line.resume();
  expect(await held).toEqual(contents.map(sha256));
});

test.each<CipherAlgorithm>([
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
])('what is sent under %s arrives whole, whatever its length', async (cipher) => {
  const port = await hashingServer({ cipher });
  const connection = await connect(transportFor({}), port);
  for (const over of [0, 1, 7, 8, 15]) {
    const content = randomBytes(MEGABYTE / 8 + 5000 + over);
    expect(await upload(connection, content)).toBe(sha256(content));
  }
});

test('an upload goes on through a new key exchange', async () => {
  const port = await hashingServer({ rekeyAfter: 3 * MEGABYTE });
  const connection = await connect(transportFor({}), port);
  const content = randomBytes(8 * MEGABYTE);
  expect(await upload(connection, content)).toBe(sha256(content));
});

/** Without ssh2's native part, which npm builds where it can, its ciphers write into memory of OpenSSL. */
function hasNativeCrypto(): boolean {
  try {
    createRequire(import.meta.url)('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
    return true;
  } catch {
    return false;
  }
}

interface HashingOptions {
  readonly cipher?: CipherAlgorithm;
  readonly rekeyAfter?: number;
  readonly onCommand?: () => void;
}

/** Answers with the hash of what it was sent; asks for new keys once so much has come. */
async function hashingServer(options: HashingOptions = {}): Promise<number> {
  const { cipher, rekeyAfter = Infinity, onCommand } = options;
  const server = await startServer({
    ...(cipher === undefined ? {} : { algorithms: { cipher: [cipher] } }),
    onExec: (_command, channel, connection) => {
      onCommand?.();
      const hash = createHash('sha256');
      let came = 0;
      let asked = false;
      channel.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        came += chunk.length;
        if (came < rekeyAfter || asked) return;
        asked = true;
        connection.rekey();
      });
      channel.on('end', () => {
        channel.write(hash.digest('hex'));
        channel.exit(0);
        channel.end();
      });
    },
  });
  return server.port;
}

async function connect(
  transport: ReturnType<typeof transportFor>,
  port: number,
): Promise<Connection> {
  const outcome = await transport.connect(hostAt(port));
  if (outcome.kind === 'failed') throw new Error(outcome.failure.message);
  return outcome.connection;
}

async function upload(connection: Connection, content: Buffer): Promise<string> {
  const outcome = await connection.exec('hash', { timeoutMs: 30_000, stdin: content });
  return outcome.kind === 'exited' ? outcome.stdout : outcome.kind;
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Tells of each large write before it is done. */
function watchWrites(socket: Duplex, seen: (bytes: Uint8Array) => void): void {
  const write = socket.write.bind(socket);
  socket.write = (chunk: unknown) => {
    if (chunk instanceof Uint8Array && chunk.length > 4096) seen(chunk);
    return write(chunk);
  };
}

/** A way to a port of this machine that can be held up: what is sent then waits with the sender. */
async function startLine(to: number) {
  const pairs: { readonly near: Socket; readonly far: Socket }[] = [];
  const port = await startTcp((near) => {
    const far = createConnection({ host: '127.0.0.1', port: to });
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    pairs.push({ near, far });
  });
  return {
    port,
    stall(): void {
      for (const { near, far } of pairs) near.unpipe(far).pause();
    },
    resume(): void {
      for (const { near, far } of pairs) near.pipe(far);
    },
  };
}
