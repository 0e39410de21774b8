import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/model/hosts/host.js';
import { createOpensshLogReader } from '../../src/transport/openssh/log-reader.js';
import { createOpensshTransport } from '../../src/transport/openssh/transport.js';
import type { Transport } from '../../src/transport/port.js';
import { hasSshd, startSshd } from '../transport/support/real-sshd.js';
import {
  hostAt,
  publicBlob,
  sharedHostKey,
  startServer,
  startTcp,
  transportFor,
} from '../transport/support/ssh-server.js';
import {
  IDENTIFICATION,
  keyExchangeInit,
  onEncrypted,
  packet,
  sendRaw,
  string,
} from './support/raw-ssh.js';

const TIMEOUT_MS = 600;
/** For a machine that does other things too, and for an `ssh` to be ended. */
const GRACE_MS = 4000;

const TRANSPORTS: Readonly<Record<string, () => Transport>> = {
  ssh2: () => transportFor(),
  openssh: () => {
    const transport = createOpensshTransport({ env: process.env, includes: [] });
    onTestFinished(() => transport.close());
    return transport;
  },
};

const SHOWS_KEY = 'shows its host key, and hangs';

const OFFER = Buffer.concat([
  IDENTIFICATION,
  keyExchangeInit({ keyExchange: 'curve25519-sha256,ecdh-sha2-nistp256' }),
]);

/** Sends the piece at intervals for as long as there is a connection. */
function drip(socket: Socket, piece: Uint8Array, everyMs = 20): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
}

/** Peers that neither end nor come to an end, by what they do. Each answers its port. */
const PEERS: Readonly<Record<string, () => Promise<number>>> = {
  'says nothing': () => startTcp(() => {}),
  'sends its greeting byte by byte, for ever': () =>
    startTcp((socket) => drip(socket, Buffer.from('x'))),
  'sends line after line': () => startTcp((socket) => drip(socket, Buffer.from('wait\r\n'))),
  'hangs after its offer': () => startTcp((socket) => void socket.write(OFFER)),
  'sends one message after the other in the key exchange': () =>
    startTcp((socket) => {
      socket.write(OFFER);
      drip(socket, packet(Uint8Array.of(2), string('')));
    }),
  'sends half a packet': () =>
    startTcp((socket) => {
      socket.write(IDENTIFICATION);
      socket.write(Buffer.from([0, 0, 64, 4, 6, 20]));
    }),
  [SHOWS_KEY]: () =>
    startTcp((socket) => {
      socket.write(OFFER);
      const key = string(publicBlob(sharedHostKey));
      socket.write(packet(Uint8Array.of(31), key, string(Buffer.alloc(32, 9)), string('')));
    }),
  'hangs once all is encrypted': async () => {
    const server = await startServer({
      onConnection: (connection) => {
        const protocol = Reflect.get(connection, '_protocol');
        onEncrypted(connection, () => {
          protocol._handlers.SERVICE_REQUEST = () => {};
          // The login comes together with it.
          protocol._handlers.USERAUTH_REQUEST = () => {};
        });
      },
    });
    return server.port;
  },
  'never answers a key': async () => (await startServer({ onAuth: () => {} })).port,
  'says something to people all the time': async () => {
    const banner = Buffer.concat([Uint8Array.of(53), string('wait\n'), string('')]);
    const server = await startServer({
      onAuth: (_context, connection) => {
        const timer = setInterval(() => sendRaw(connection, banner), 20);
        connection.on('close', () => clearInterval(timer));
      },
    });
    return server.port;
  },
};

const kinds = hasSshd ? Object.keys(TRANSPORTS) : ['ssh2'];

describe.each(kinds)('with the %s transport a peer that', (kind) => {
  // OpenSSH looks at the signature before the end of the key exchange, and is done with it.
  const peers = Object.keys(PEERS).filter((peer) => kind === 'ssh2' || peer !== SHOWS_KEY);
  const connect = (host: Host, signal?: AbortSignal) => TRANSPORTS[kind]?.().connect(host, signal);

  test.each(peers)('%s is given up in time', async (peer) => {
    const host = hostAt((await PEERS[peer]?.()) ?? 0, { connectTimeoutMs: TIMEOUT_MS });
    const started = performance.now();
    expect(await connect(host)).toMatchObject({
      kind: 'failed',
      failure: { code: 'connect_timeout' },
    });
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  });

  test.each(peers)('%s does not delay a Ctrl-C', async (peer) => {
    const host = hostAt((await PEERS[peer]?.()) ?? 0, { connectTimeoutMs: 60_000 });
    const interrupt = new AbortController();
    const connecting = connect(host, interrupt.signal);
    setTimeout(() => interrupt.abort(), 300);
    const started = performance.now();
    expect(await connecting).toMatchObject({ kind: 'failed', failure: { code: 'interrupted' } });
    expect(performance.now() - started).toBeLessThan(300 + GRACE_MS);
  });
});

describe.skipIf(!hasSshd)('behind a jump host', () => {
  test.each([
    ['a flood', Buffer.alloc(64 * 1024, 'good morning\r\n'), 'more than 256 KiB before the login'],
    [
      'a server with nothing but group exchange',
      Buffer.concat([
        IDENTIFICATION,
        keyExchangeInit({ keyExchange: 'diffie-hellman-group-exchange-sha256' }),
      ]),
      'no key exchange in common',
    ],
  ])('%s is refused, and its neighbour is reached', async (_name, block, said) => {
    const [jump, neighbour] = [await startSshd(), await startSshd()];
    const through = (host: Host): Host => ({
      ...host,
      ssh: { ...host.ssh, jump: { ...jump.host, name: 'jump' } },
    });
    const port = await startTcp((socket) => {
      const more = (): void => {
        while (!socket.destroyed && block.length > 1000 && socket.write(block));
      };
      socket.write(block);
      socket.on('drain', more);
      more();
    });
    const transport = transportFor();
    const [stranger, honest] = await Promise.all([
      transport.connect(through(hostAt(port, { connectTimeoutMs: 10_000 }))),
      transport.connect(through(neighbour.host)),
    ]);
    expect(stranger).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining(said) },
    });
    expect(honest).toMatchObject({ kind: 'connected' });
  });
});

test('of the lines that an unknown server makes ssh print, few are kept', () => {
  const account = createOpensshLogReader();
  for (let at = 0; at < 1000; at += 1) {
    account.hear(`debug1: kex_exchange_identification: banner line ${at}: good morning`);
  }
  expect(account.said.length).toBeLessThan(50);
});
