import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import {
  CIPHERS,
  HOST_KEYS,
  KEY_EXCHANGES,
  MACS,
} from '../../../src/transport/algorithms/algorithms.js';
import { hasSshd, startSshd } from '../support/real-sshd.js';
import {
  connected,
  hostAt,
  makeKey,
  refused,
  startServer,
  startTcp,
} from '../support/ssh-server.js';

const SOON = { timeoutMs: 10_000 };

test('docs/ssh.md lists what is offered, in its order', () => {
  const page = readFileSync('docs/ssh.md', 'utf8');
  const rows: Readonly<Record<string, readonly string[]>> = {
    'key exchange': KEY_EXCHANGES,
    'host key': HOST_KEYS.map(({ algorithm }) => algorithm),
    cipher: CIPHERS,
    MAC: MACS,
  };
  for (const [kind, names] of Object.entries(rows)) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${kind} `));
    expect([...(row ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(names);
  }
});

test('the client says all of it, strict key exchange too, and nothing else', async () => {
  const heard: Buffer[] = [];
  const port = await startTcp((socket) => {
    socket.write('SSH-2.0-ear\r\n');
    socket.on('data', (chunk) => heard.push(chunk));
  });
  await refused(hostAt(port, { connectTimeoutMs: 300 }));
  const text = Buffer.concat(heard).toString('latin1');
  expect(text).toContain(
    [...KEY_EXCHANGES, 'ext-info-c', 'kex-strict-c-v00@openssh.com'].join(','),
  );
  for (const names of [CIPHERS, MACS, HOST_KEYS.map(({ algorithm }) => algorithm)]) {
    expect(text).toContain(names.join(','));
  }
  expect(text).not.toMatch(/sha1|-cbc|zlib|ssh-dss|ssh-rsa/);
});

test('strict key exchange is enforced: a packet slipped in before it ends the connection', async () => {
  const server = await startServer();
  const port = await startTcp((socket) => void pipeWithExtraPacket(socket, server.port));
  expect(await refused(hostAt(port))).toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('strict KEX'),
  });
});

test.skipIf(!hasSshd).each([...KEY_EXCHANGES])('%s works with a real sshd', async (name) => {
  const { host } = await startSshd({ config: `KexAlgorithms ${name}` });
  const connection = await connected(host);
  expect(await connection.exec('echo on', SOON)).toMatchObject({ stdout: 'on\n' });
});

test.skipIf(!hasSshd).each([...CIPHERS])('%s works with a real sshd', async (name) => {
  const { host } = await startSshd({ config: `Ciphers ${name}` });
  const connection = await connected(host);
  const stdin = Buffer.alloc(300_000, 'x');
  expect(await connection.exec('wc -c', { ...SOON, stdin })).toMatchObject({ stdout: '300000\n' });
});

test.skipIf(!hasSshd).each([...MACS])('%s works with a real sshd', async (name) => {
  const { host } = await startSshd({ config: `Ciphers aes128-ctr\nMACs ${name}` });
  const connection = await connected(host);
  expect(await connection.exec('echo on', SOON)).toMatchObject({ stdout: 'on\n' });
});

test.skipIf(!hasSshd)('an RSA key signs with SHA-2, where SHA-1 is allowed too', async () => {
  const userKey = makeKey('rsa');
  const config = 'PubkeyAcceptedAlgorithms +ssh-rsa\nLogLevel DEBUG3';
  const { host, log } = await startSshd({ accepts: userKey, userKey, config });
  await connected(host);
  const text = log.join('\n');
  expect(text).toMatch(/signature using rsa-sha2-(256|512) verified/);
  expect(text).not.toMatch(/signature using ssh-rsa/);
});

/** Relays to a server, but puts an SSH_MSG_IGNORE between its banner and its SSH_MSG_KEXINIT. */
function pipeWithExtraPacket(client: Socket, port: number): void {
  const ignore = Buffer.from([0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const upstream = connect(port, '127.0.0.1');
  client.pipe(upstream);
  upstream.on('error', () => {});
  upstream.once('data', (first: Buffer) => {
    const banner = first.indexOf('\n') + 1;
    client.write(Buffer.concat([first.subarray(0, banner), ignore, first.subarray(banner)]));
    upstream.pipe(client);
  });
}
