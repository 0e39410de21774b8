import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Connection } from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasSshd, startAgent } from '../transport/support/real-sshd.js';
import {
  connected,
  hostAt,
  makeKey,
  publicBlob,
  refused,
  sharedHostKey,
  startServer,
  startTcp,
  temporaryFolder,
} from '../transport/support/ssh-server.js';
import { leastHeld, MOST_HELD_MS } from './support/held-loop.js';
import {
  IDENTIFICATION,
  keyExchangeInit,
  keyExchangeReply,
  onEncrypted,
  packet,
  sendRaw,
  string,
} from './support/raw-ssh.js';

/** Writes as fast as it is read, until it is hung up on. */
function pour(socket: Socket, block: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', more);
  more();
}

const repeated = (piece: Uint8Array, times: number): Buffer =>
  Buffer.concat(Array.from({ length: times }, () => piece));

const offering = Buffer.concat([
  IDENTIFICATION,
  keyExchangeInit({ keyExchange: 'curve25519-sha256' }),
]);

describe('a server that does not stop is disconnected, and does not block the loop:', () => {
  test.each([
    ['lines before SSH', Buffer.alloc(0), Buffer.from('good morning\r\n')],
    ['one line without an end', Buffer.alloc(0), Buffer.alloc(64, 'x')],
    ['a line of SSH without an end', Buffer.from('SSH-2.0-'), Buffer.alloc(64, 'x')],
    ['SSH_MSG_IGNORE', offering, packet(Uint8Array.of(2), string(''))],
    ['SSH_MSG_DEBUG', offering, packet(Uint8Array.of(4, 1), string('x'), string(''))],
    ['SSH_MSG_UNIMPLEMENTED', offering, packet(Uint8Array.of(3), Buffer.alloc(4))],
    ['empty packets', offering, packet()],
  ])('%s', async (_name, first, piece) => {
    const port = await startTcp((socket) => {
      socket.write(first);
      pour(socket, repeated(piece, 50_000));
    });
    const held = await leastHeld(async () => {
      expect(await refused(hostAt(port, { connectTimeoutMs: 10_000 }))).toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('more than 256 KiB before the login'),
      });
    });
    expect(held).toBeLessThan(MOST_HELD_MS);
  });

  test.each([
    ['USERAUTH_BANNER', Buffer.concat([Uint8Array.of(53), string('hello '), string('')])],
    [
      'USERAUTH_BANNER of 30 KB',
      Buffer.concat([Uint8Array.of(53), string(Buffer.alloc(30_000, 'x')), string('')]),
    ],
    [
      'EXT_INFO of nothing',
      Buffer.concat([Uint8Array.of(7), Buffer.from([0, 0, 15, 160]), Buffer.alloc(32_000)]),
    ],
    ['host keys', hostKeysRequest()],
    ['GLOBAL_REQUEST', Buffer.concat([Uint8Array.of(80), string('x'), Uint8Array.of(1)])],
  ])('%s after the key exchange', async (_name, payload) => {
    const server = await startServer({
      onAuth: (_context, connection) => flood(connection, payload, 20_000),
    });
    const held = await leastHeld(async () => {
      expect(await refused(hostAt(server.port, { connectTimeoutMs: 10_000 }))).toMatchObject({
        message: expect.stringContaining('more than 256 KiB before the login'),
      });
    });
    // The server of this test is in this process, and encrypts all of it.
    expect(held).toBeLessThan(2 * MOST_HELD_MS);
  });
});

test('35,000 bytes of names cost little, and few of them are shown', async () => {
  const port = await startTcp((socket) => {
    socket.write(IDENTIFICATION);
    socket.write(keyExchangeInit({ keyExchange: 'abc,'.repeat(8500) }));
  });
  const held = await leastHeld(async () => {
    const failure = await refused(hostAt(port));
    expect(failure).toMatchObject({ code: 'no_common_algorithm' });
    expect(failure.message).toContain('and 8470 more');
    expect(failure.message.length).toBeLessThan(500);
  });
  expect(held).toBeLessThan(MOST_HELD_MS);
});

test('of the text of an unknown server in a failure, one line is shown', async () => {
  const long = 'x'.repeat(20_000);
  const disconnect = packet(Uint8Array.of(1), Buffer.from([0, 0, 0, 2]), string(long), string(''));
  const publicValue = Buffer.alloc(32, 9);
  const hostKey = publicBlob(sharedHostKey);
  const reply = keyExchangeReply({ hostKey, publicValue, signatureType: long });
  for (const last of [disconnect, reply]) {
    const port = await startTcp((socket) => void socket.write(Buffer.concat([offering, last])));
    const failure = await refused(hostAt(port));
    expect(failure.message).toContain('xxx');
    expect(failure.message.length).toBeLessThan(800);
  }
});

describe('a server that says again and again that it would take a key', () => {
  const accepts = (algorithm: string, key: Uint8Array) =>
    Buffer.concat([Uint8Array.of(60), string(algorithm), string(key)]);

  test('has it sign once', async () => {
    const userKey = makeKey('rsa');
    const server = await startServer({
      onAuth(context, connection) {
        if (context.method !== 'publickey') return context.reject(['publickey']);
        for (let at = 0; at < 2000; at += 1) {
          sendRaw(connection, accepts(context.key.algo, context.key.data));
        }
      },
    });
    const held = await leastHeld(async () => {
      expect(await refused(hostAt(server.port, { userKey }))).toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('asked for one signature twice'),
      });
    });
    expect(held).toBeLessThan(MOST_HELD_MS);
  });

  test.skipIf(!hasSshd)('has an agent sign once', async () => {
    const host = hostAt(0);
    const agent = await startAgent(host.ssh.identityFiles);
    const server = await startServer({
      onAuth(context, connection) {
        if (context.method !== 'publickey') return context.reject(['publickey']);
        sendRaw(connection, accepts(context.key.algo, context.key.data));
        sendRaw(connection, accepts(context.key.algo, context.key.data));
      },
    });
    expect(await refused(hostAt(server.port, { agent, identityFiles: [] }))).toMatchObject({
      message: expect.stringContaining('asked for one signature twice'),
    });
  });

  test
    .skipIf(!hasSshd)
    .each(['chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes128-gcm@openssh.com'] as const)(
    'and ignores an agent that answers after the end, with %s',
    async (cipher) => {
      const agent = await slowAgent(await startAgent(hostAt(0).ssh.identityFiles));
      const server = await startServer({
        algorithms: { cipher: [cipher] },
        onAuth(context, connection) {
          if (context.method !== 'publickey') return context.reject(['publickey']);
          sendRaw(connection, accepts(context.key.algo, context.key.data));
          void agent.asked.then(() => sendRaw(connection, Uint8Array.of(51)));
        },
      });
      const host = hostAt(server.port, { agent: agent.socket, identityFiles: [] });
      expect(await refused(host)).toMatchObject({ code: 'unreachable' });
      // What is thrown then would end the process, and here the test run.
      await agent.answer();
    },
  );
});

test('a server that calls the login done before a key was shown is refused, and not recorded', async () => {
  const server = await startServer({
    onConnection: (connection) =>
      onEncrypted(connection, () => sendRaw(connection, Uint8Array.of(52))),
  });
  const host = hostAt(server.port, { record: null, hostKeys: 'accept-new' });
  expect(await refused(host)).toMatchObject({
    message: expect.stringContaining('although no key was offered'),
  });
  // One that is recorded after it, in the same file.
  const honest = await startServer();
  const { knownHosts } = host.ssh;
  await connected(hostAt(honest.port, { record: null, hostKeys: 'accept-new', knownHosts }));
  const recorded = readFileSync(knownHosts[0] ?? '', 'utf8');
  expect(recorded).toContain(`]:${honest.port} `);
  expect(recorded).not.toContain(`]:${server.port} `);
});

test('nor where its key is known, so that the login goes out at once', async () => {
  const server = await startServer({
    onConnection: (connection) =>
      onEncrypted(connection, () => sendRaw(connection, Uint8Array.of(52))),
  });
  expect(await refused(hostAt(server.port))).toMatchObject({
    message: expect.stringContaining('although no key was offered'),
  });
});

test('an honest server whose first lines come byte by byte is understood', async () => {
  const server = await startServer();
  const host = hostAt(await byteByByte(server.port), { connectTimeoutMs: 15_000 });
  expect((await connected(host)).open).toBe(true);
});

/** Sends the same payload many times, as long as there is anyone to send it to. */
function flood(connection: Connection, payload: Uint8Array, times: number): void {
  for (let sent = 0; sent < Math.min(times, 1_000_000 / payload.length); sent += 1) {
    sendRaw(connection, payload);
  }
}

function hostKeysRequest(): Buffer {
  const key = string(Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 7))]));
  return Buffer.concat([
    Uint8Array.of(80),
    string('hostkeys-00@openssh.com'),
    Uint8Array.of(0),
    repeated(key, 500),
  ]);
}

/** A way to a server on which each byte from there is a packet of its own. */
function byteByByte(port: number): Promise<number> {
  return startTcp((near) => {
    near.setNoDelay(true);
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.pipe(far);
    const send = async (chunk: Buffer): Promise<void> => {
      far.pause();
      for (const byte of chunk) {
        await new Promise((sent) => near.write(Uint8Array.of(byte), sent));
        await new Promise((turn) => setImmediate(turn));
      }
      far.resume();
    };
    far.on('data', (chunk: Buffer) => void send(chunk));
  });
}

/** An agent that does not send its signature until the test says so. */
async function slowAgent(real: string) {
  const socket = join(temporaryFolder(), 'slow');
  let asked = (): void => {};
  let heard = (): void => {};
  const held: Buffer[] = [];
  const near: Socket[] = [];
  const server = createServer((client) => {
    near.push(client);
    client.on('error', () => {});
    const far = connect(real);
    let signing = false;
    client.on('data', (chunk: Buffer) => {
      signing ||= chunk[4] === 13;
      far.write(chunk);
      if (signing) asked();
    });
    far.on('data', (chunk: Buffer) => {
      if (!signing) return client.write(chunk);
      held.push(chunk);
      heard();
    });
    client.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    for (const each of near) each.destroy();
    server.close();
  });
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const signed = new Promise<void>((resolve) => {
    heard = resolve;
  });
  return {
    socket,
    asked: isAsked,
    async answer() {
      await signed;
      const last = near.at(-1);
      const closed = new Promise((resolve) => last?.once('close', resolve));
      last?.end(Buffer.concat(held));
      await closed;
    },
  };
}
