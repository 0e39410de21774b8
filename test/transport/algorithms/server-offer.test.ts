import { describe, expect, test } from 'vitest';
import { readServerOffer } from '../../../src/transport/algorithms/server-offer.js';
import { findMismatch, weaknessesOf } from '../../../src/transport/algorithms/server-weakness.js';
import { hasSshd, startSshd } from '../support/real-sshd.js';
import { connected, hostAt, makeKey, refused, startServer } from '../support/ssh-server.js';

describe.skipIf(!hasSshd)('what a server offers', () => {
  test('is read from its own first words', async () => {
    const { host } = await startSshd({
      config: 'Ciphers aes256-gcm@openssh.com,aes128-cbc\nKexAlgorithms ecdh-sha2-nistp256',
    });
    const { server } = await connected(host);
    expect(server?.software).toMatch(/^OpenSSH_/);
    expect(server?.ciphers).toEqual(['aes256-gcm@openssh.com', 'aes128-cbc']);
    expect(server?.keyExchanges).toContain('ecdh-sha2-nistp256');
    expect(server?.hostKeys).toEqual(['ssh-ed25519']);
    expect(server?.macs).toContain('hmac-sha2-256-etm@openssh.com');
  });

  test('by default is not called weak', async () => {
    const { host } = await startSshd();
    const { server } = await connected(host);
    expect(server && weaknessesOf(server)).toEqual([]);
  });

  test.each([
    [
      'key exchange',
      'KexAlgorithms sntrup761x25519-sha512@openssh.com',
      /^sntrup761x25519-sha512@openssh.com$/,
      'transport: openssh',
    ],
    [
      'key exchange',
      'KexAlgorithms diffie-hellman-group14-sha1',
      /^diffie-hellman-group14-sha1$/,
      'docs/ssh.md',
    ],
    ['cipher', 'Ciphers aes128-cbc,3des-cbc', /^aes128-cbc, 3des-cbc$/, 'docs/ssh.md'],
    [
      'MAC',
      'Ciphers aes128-ctr\nMACs hmac-sha1,umac-128@openssh.com',
      /^hmac-sha1, umac-128@openssh.com$/,
      'docs/ssh.md',
    ],
  ])('is named where no %s is ours: %s', async (kind, config, offered, hint) => {
    const { host } = await startSshd({ config });
    const failure = await refused(host);
    expect(failure).toMatchObject({
      code: 'no_common_algorithm',
      message: expect.stringContaining(`has no ${kind} in common with fleet; it offers `),
      hint: expect.stringContaining(hint),
    });
    expect(failure.message.split('it offers ')[1]).toMatch(offered);
  });
});

test('a server that only has a host key of another kind says which', async () => {
  const server = await startServer({
    hostKeys: [makeKey('rsa')],
    algorithms: { serverHostKey: ['ssh-rsa'] },
  });
  expect(await refused(hostAt(server.port))).toMatchObject({
    code: 'no_common_algorithm',
    message: expect.stringContaining('has no host key in common with fleet; it offers ssh-rsa'),
  });
});

const MODERN = {
  software: 'x',
  keyExchanges: ['curve25519-sha256', 'kex-strict-s-v00@openssh.com'],
  hostKeys: ['ssh-ed25519'],
  ciphers: ['chacha20-poly1305@openssh.com'],
  macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha1'],
};

describe('an offer is weak', () => {
  test.each([
    [{ keyExchanges: [...MODERN.keyExchanges, 'diffie-hellman-group1-sha1'] }, 'group1-sha1'],
    [{ hostKeys: ['ssh-ed25519', 'ssh-rsa', 'rsa-sha2-512'] }, 'host key ssh-rsa'],
    [{ ciphers: ['aes128-ctr', 'arcfour', '3des-cbc'] }, 'cipher arcfour, 3des-cbc'],
    [{ macs: ['hmac-md5', 'hmac-sha2-256'] }, 'MAC hmac-md5'],
    [{ keyExchanges: ['curve25519-sha256'] }, 'Terrapin'],
    [
      { keyExchanges: ['curve25519-sha256'], ciphers: ['aes128-ctr', 'aes128-cbc'] },
      'cipher aes128-cbc',
    ],
  ])('with %o', (part, said) => {
    expect(weaknessesOf({ ...MODERN, ...part }).join('; ')).toContain(said);
  });

  test('but not without strict key exchange where nothing can be cut off', () => {
    const offer = { ...MODERN, keyExchanges: ['curve25519-sha256'], ciphers: ['aes128-ctr'] };
    expect(weaknessesOf(offer)).toEqual([]);
    expect(findMismatch(offer)).toBeNull();
  });
});

test('what is no offer is none: cut off, another packet, lists that lie about their length', () => {
  const kexinit = packet(Buffer.concat([Buffer.alloc(16), ...Array.from({ length: 10 }, empty)]));
  const whole = Buffer.concat([Buffer.from('hello\r\nSSH-2.0-x\r\n'), kexinit]);
  expect(readServerOffer(whole)).toMatchObject({ software: 'x', keyExchanges: [] });
  for (let length = 0; length < whole.length - 4; length += 1) {
    expect(readServerOffer(whole.subarray(0, length))).toBeNull();
  }
  const lying = Buffer.from('SSH-2.0-x\r\n');
  expect(readServerOffer(Buffer.concat([lying, packet(Buffer.alloc(40, 0xff))]))).toBeNull();
  expect(readServerOffer(Buffer.concat([lying, Buffer.alloc(64, 0xff)]))).toBeNull();
});

function packet(body: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(2 + body.length + 4, 0);
  head[4] = 4;
  head[5] = 20;
  return Buffer.concat([head, body, Buffer.alloc(4)]);
}

function empty(): Buffer {
  return Buffer.alloc(4);
}
