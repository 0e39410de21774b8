import { createDiffieHellmanGroup, createECDH, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { KEY_EXCHANGES } from '../../src/transport/algorithms/algorithms.js';
import {
  hostAt,
  publicBlob,
  refused,
  sharedHostKey,
  startTcp,
  transportFor,
} from '../transport/support/ssh-server.js';
import { leastHeld, MOST_HELD_MS } from './support/held-loop.js';
import {
  IDENTIFICATION,
  keyExchangeInit,
  keyExchangeReply,
  packet,
  type RawOffer,
  type RawReply,
  string,
} from './support/raw-ssh.js';

/** Anybody can show a host's public key: what comes before its signature is a stranger's. */
const KNOWN_KEY = publicBlob(sharedHostKey);

/** Says all of it at once: the client reckons as it reads. */
function startStranger(offer: RawOffer, reply: Buffer): Promise<number> {
  return startTcp((socket) => {
    socket.write(Buffer.concat([IDENTIFICATION, keyExchangeInit(offer), reply]));
  });
}

test('a prime of the server’s choice is not tested: its key exchange is not offered', async () => {
  const prime = mersenne(2203);
  const group = packet(Uint8Array.of(31), string(prime), string(Uint8Array.of(2)));
  const offer = { keyExchange: 'diffie-hellman-group-exchange-sha256' };
  const port = await startStranger(offer, group);
  let failure: unknown;
  const held = await leastHeld(async () => {
    failure = await refused(hostAt(port, { connectTimeoutMs: 2000 }));
  });
  expect(failure).toMatchObject({
    code: 'no_common_algorithm',
    message: expect.stringContaining(offer.keyExchange),
    hint: expect.stringContaining('transport: openssh'),
  });
  expect(held).toBeLessThan(MOST_HELD_MS);
});

test('none of the key exchanges that are offered leaves its parameters to the server', () => {
  const fixed =
    /^(ecdh-sha2-nistp(256|384|521)|curve25519-sha256(@libssh\.org)?|diffie-hellman-group\d+-sha\d+)$/;
  for (const name of KEY_EXCHANGES) expect(name).toMatch(fixed);
});

describe('with any public value of an unknown server, the loop goes on:', () => {
  test.each([...KEY_EXCHANGES])('%s', async (keyExchange) => {
    for (const publicValue of publicValues(keyExchange)) {
      const reply = keyExchangeReply({ hostKey: KNOWN_KEY, publicValue });
      const port = await startStranger({ keyExchange }, reply);
      const held = await leastHeld(async () => {
        expect(await refused(hostAt(port, { connectTimeoutMs: 2000 }))).toMatchObject({
          code: 'unreachable',
          message: expect.stringContaining('the key exchange failed'),
        });
      });
      expect(held, `${publicValue.length} bytes`).toBeLessThan(MOST_HELD_MS);
    }
  });
});

describe('with any host key of an unknown server that is accepted, the loop goes on:', () => {
  test.each(hostKeys())('$name', async ({ type, hostKey, signature }) => {
    const publicValue = createECDH('prime256v1').generateKeys();
    const reply: RawReply = { hostKey, publicValue, signatureType: type, signature };
    const offer = { keyExchange: 'ecdh-sha2-nistp256', hostKey: type };
    const port = await startStranger(offer, keyExchangeReply(reply));
    const held = await leastHeld(async () => {
      const host = hostAt(port, { record: null, hostKeys: 'accept-new', connectTimeoutMs: 2000 });
      expect(await refused(host)).toMatchObject({ code: 'unreachable' });
    });
    expect(held).toBeLessThan(MOST_HELD_MS);
  });
});

test('many unknown servers that answer at the same moment are computed one after the other', async () => {
  const sockets: Socket[] = [];
  const group = createDiffieHellmanGroup('modp18');
  const reply = keyExchangeReply({ hostKey: KNOWN_KEY, publicValue: group.generateKeys() });
  const port = await startTcp((socket) => {
    socket.write(
      Buffer.concat([
        IDENTIFICATION,
        keyExchangeInit({ keyExchange: 'diffie-hellman-group18-sha512' }),
      ]),
    );
    // Its KEXINIT, then its public value.
    let heard = 0;
    socket.on('data', (chunk) => {
      heard += chunk.length;
      if (heard < 1500 || sockets.includes(socket)) return;
      sockets.push(socket);
      if (sockets.length % STRANGERS === 0)
        for (const each of sockets.slice(-STRANGERS)) each.write(reply);
    });
  });
  const host = hostAt(port, { connectTimeoutMs: 20_000 });
  const held = await leastHeld(async () => {
    const transport = transportFor({ handshakes: STRANGERS });
    const connecting = Array.from({ length: STRANGERS }, () => transport.connect(host));
    for (const outcome of await Promise.all(connecting)) {
      expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'unreachable' } });
    }
  });
  expect(held).toBeLessThan(MOST_HELD_MS);
});

const STRANGERS = 96;

function publicValues(keyExchange: string): readonly Buffer[] {
  const [zero, one, huge] = [Buffer.alloc(1), Buffer.of(1), Buffer.alloc(34_000, 0xff)];
  if (keyExchange.startsWith('curve25519')) {
    return [Buffer.alloc(0), Buffer.alloc(32), Buffer.alloc(31, 9), Buffer.alloc(33, 9), huge];
  }
  const [, curve] = /nistp(\d+)/.exec(keyExchange) ?? [];
  if (curve !== undefined) {
    const ecdh = createECDH(curve === '256' ? 'prime256v1' : `secp${curve}r1`);
    const point = ecdh.generateKeys();
    const compressed = ecdh.getPublicKey(null, 'compressed');
    return [Buffer.alloc(0), zero, compressed, Buffer.alloc(point.length, 4), point, huge];
  }
  const [, number] = /group(\d+)/.exec(keyExchange) ?? [];
  const group = createDiffieHellmanGroup(`modp${number}`);
  const prime = group.getPrime();
  const last = Buffer.from(prime);
  last[last.length - 1] = (last.at(-1) ?? 0) - 1;
  return [zero, one, last, prime, Buffer.concat([one, prime]), group.generateKeys(), huge];
}

interface HostKeyCase {
  readonly name: string;
  readonly type: string;
  readonly hostKey: Buffer;
  readonly signature: Buffer;
}

function hostKeys(): readonly HostKeyCase[] {
  const rsa = (bits: number, exponentBits: number): HostKeyCase => ({
    name: `RSA of ${bits} bits, exponent of ${exponentBits}`,
    type: 'rsa-sha2-512',
    hostKey: Buffer.concat([string('ssh-rsa'), string(odd(exponentBits)), string(odd(bits))]),
    signature: Buffer.concat([Buffer.of(1), randomBytes(Math.min(bits / 8, 16_000) - 1)]),
  });
  const ecdsa = (name: string, point: Uint8Array, signature: Buffer): HostKeyCase => ({
    name: `ECDSA, ${name}`,
    type: 'ecdsa-sha2-nistp521',
    hostKey: Buffer.concat([string('ecdsa-sha2-nistp521'), string('nistp521'), string(point)]),
    signature,
  });
  const ed25519 = (length: number): HostKeyCase => ({
    name: `Ed25519 of ${length} bytes`,
    type: 'ssh-ed25519',
    hostKey: Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(length, 3))]),
    signature: Buffer.alloc(64, 1),
  });
  const numbers = (bytes: number) =>
    Buffer.concat([string(Buffer.alloc(bytes, 1)), string(Buffer.alloc(bytes, 1))]);
  const point = createECDH('secp521r1').generateKeys();
  return [
    rsa(3072, 3064),
    rsa(16_384, 24),
    rsa(16_384, 64),
    rsa(16_392, 16_384),
    rsa(200_000, 64),
    rsa(2048, 200_000),
    ecdsa('a signature of 17 KB', point, numbers(8500)),
    ecdsa('a small signature', point, numbers(66)),
    ecdsa('no point', Buffer.alloc(0), numbers(66)),
    ecdsa('infinity', Buffer.alloc(1), numbers(66)),
    ecdsa('a point of 30 KB', Buffer.alloc(30_000, 4), numbers(66)),
    ed25519(0),
    ed25519(31),
    ed25519(32),
    ed25519(30_000),
  ];
}

function odd(bits: number): Buffer {
  const number = randomBytes(bits / 8);
  number[0] = (number[0] ?? 0) | 0x80;
  number[number.length - 1] = (number.at(-1) ?? 0) | 1;
  return Buffer.concat([Buffer.alloc(1), number]);
}

/** 2^n - 1. */
function mersenne(n: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(n / 8), 0xff);
  bytes[0] = (1 << (n % 8 || 8)) - 1;
  return bytes;
}
