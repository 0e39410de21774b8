import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import {
  connected,
  dialTcp,
  hostAt,
  makeKey,
  publicBlob,
  refused,
  sharedHostKey,
  sharedUserKey,
  startServer,
  temporaryFolder,
  transportFor,
} from '../support/ssh-server.js';

describe('a key', () => {
  test('that the server does not know fails with user, host and the keys tried', async () => {
    const server = await startServer();
    const host = hostAt(server.port, { userKey: makeKey() });
    expect(await refused(host)).toMatchObject({
      code: 'auth_failed',
      message: `deploy@127.0.0.1:${server.port} refused every key offered`,
      hint: expect.stringContaining(`${host.ssh.identityFiles[0]} (ssh-ed25519 SHA256:`),
    });
    expect(server.connections).toHaveLength(1);
  });

  test('is tried after a wrong one', async () => {
    const server = await startServer();
    const wrong = hostAt(server.port, { userKey: makeKey('ecdsa') });
    const right = hostAt(server.port);
    const identityFiles = [...wrong.ssh.identityFiles, ...right.ssh.identityFiles];
    await connected({ ...right, ssh: { ...right.ssh, identityFiles } });
  });

  test('is of no use where the server needs a password', async () => {
    const server = await startServer({ onAuth: (context) => context.reject(['password']) });
    const host = hostAt(server.port);
    const [file = ''] = host.ssh.identityFiles;
    const twice = { ...host, ssh: { ...host.ssh, identityFiles: [file, file] } };
    expect(await refused(twice)).toMatchObject({
      code: 'auth_failed',
      message: expect.stringContaining('the server needs password'),
    });
    expect(server.tried).toEqual(['publickey']);
  });

  test.each([
    ['missing', null],
    ['no key', 'hello'],
    ['a public key', sharedUserKey.publicLine],
  ])('that is %s names its file', async (_what, text) => {
    const file = join(temporaryFolder(), 'id');
    if (text !== null) writeFileSync(file, text);
    const failure = await refused(hostAt(1, { identityFiles: [file] }));
    expect(failure).toMatchObject({ code: 'identity_unusable', hint: expect.any(String) });
    expect(failure.message).toContain(file);
  });

  test('with a passphrase is opened by its secret, once for all hosts', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const server = await startServer({ accepts: userKey });
    const host = hostAt(server.port, { userKey, passphrase: 'env:PASS' });
    const asked: string[] = [];
    const transport = transportFor({
      async secret(reference) {
        asked.push(reference);
        return 'open sesame';
      },
    });
    const outcomes = await Promise.all([transport.connect(host), transport.connect(host)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['connected', 'connected']);
    expect(asked).toEqual(['env:PASS']);
  });

  test('with a passphrase is asked for again when it was mistyped', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const server = await startServer({ accepts: userKey });
    const answers = ['typo', 'open sesame'];
    const questions: string[] = [];
    await connected(hostAt(server.port, { userKey }), {
      async prompt(question) {
        questions.push(question);
        return answers.shift() ?? null;
      },
    });
    expect(questions).toHaveLength(2);
    expect(questions[0]).toMatch(/^Passphrase for /);
    expect(questions[1]).toMatch(/^Wrong passphrase, 2 tries left\. Passphrase for /);
  });

  test('is asked for three times at most, and each time it is said how many are left', async () => {
    const questions: string[] = [];
    const host = hostAt(1, { userKey: makeKey('ed25519', 'open sesame') });
    const prompt = async (question: string) => {
      questions.push(question);
      return 'typo';
    };
    expect(await refused(host, { prompt })).toMatchObject({ code: 'identity_unusable' });
    expect(questions).toHaveLength(3);
    expect(questions[2]).toContain('1 try left');
  });

  test.each(['aes256-ctr', 'aes256-gcm@openssh.com', 'aes128-cbc'])(
    'that is encrypted by %s is opened',
    async (cipher) => {
      const sealed = { passphrase: 'open sesame', cipher, rounds: 4 };
      const pair = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...sealed });
      const userKey = { privateText: pair.private, publicLine: pair.public.trim() };
      const server = await startServer({ accepts: userKey });
      await connected(hostAt(server.port, { userKey }), { prompt: async () => 'open sesame' });
    },
  );

  test('that is encrypted by a cipher which fleet lacks is named, and no passphrase asked for', async () => {
    const file = join(temporaryFolder(), 'id');
    writeFileSync(file, CHACHA_KEY, { mode: 0o600 });
    let asked = false;
    const prompt = async () => {
      asked = true;
      return 'geheim';
    };
    expect(await refused(hostAt(1, { identityFiles: [file] }), { prompt })).toMatchObject({
      code: 'identity_unusable',
      message: expect.stringContaining('chacha20-poly1305@openssh.com, which fleet cannot open'),
      hint: expect.stringContaining(`ssh-keygen -p -Z aes256-ctr -f ${file}`),
    });
    expect(asked).toBe(false);
  });

  test('whose passphrase is wrong or not to be had fails without telling it', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const sealed = hostAt(1, { userKey, passphrase: 'env:PASS' });
    const wrong = await refused(sealed, { secret: async () => 'hunter2' });
    expect(wrong.code).toBe('identity_unusable');
    expect(JSON.stringify(wrong)).not.toContain('hunter2');
    const absent = new FleetError('secret_unavailable', 'PASS is not set', { hint: 'Export it.' });
    expect(await refused(sealed, { secret: () => Promise.reject(absent) })).toMatchObject({
      code: 'secret_unavailable',
    });
    expect(await refused(hostAt(1, { userKey }))).toMatchObject({
      code: 'identity_unusable',
      hint: expect.stringContaining('ssh-add'),
    });
  });

  test('where none is named says so', async () => {
    expect(await refused(hostAt(1, { identityFiles: [] }))).toMatchObject({
      code: 'identity_unusable',
      hint: expect.stringContaining('identity_file'),
    });
  });

  test('in an agent that does not answer is reported', async () => {
    const host = hostAt(1, { identityFiles: [], agent: join(temporaryFolder(), 'none') });
    expect((await refused(host)).message).toContain('agent');
  });
});

describe('a host key', () => {
  test('that is unknown is refused with its fingerprint and the remedy', async () => {
    const server = await startServer();
    const failure = await refused(hostAt(server.port, { record: null }));
    expect(failure).toMatchObject({
      code: 'host_key_unknown',
      message: expect.stringMatching(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/),
      hint: expect.stringContaining(`ssh-keyscan -p ${server.port} 127.0.0.1`),
    });
    expect(server.tried).toEqual([]);
    expect(server.connections).toHaveLength(1);
  });

  test.each(['strict', 'accept-new'] as const)(
    'that changed is refused under %s',
    async (hostKeys) => {
      const server = await startServer();
      const host = hostAt(server.port, { record: makeKey(), hostKeys });
      expect(await refused(host)).toMatchObject({
        code: 'host_key_changed',
        message: expect.stringContaining(`${host.ssh.knownHosts[0]}:1`),
        hint: expect.stringContaining(`-R '[127.0.0.1]:${server.port}'`),
      });
      expect(server.tried).toEqual([]);
    },
  );

  test.each(['strict', 'accept-new'] as const)(
    'that is revoked is refused under %s',
    async (hostKeys) => {
      const server = await startServer();
      const host = hostAt(server.port, { hostKeys });
      const [file = ''] = host.ssh.knownHosts;
      writeFileSync(file, `${readFileSync(file, 'utf8')}@revoked * ${sharedHostKey.publicLine}\n`);
      expect(await refused(host)).toMatchObject({
        code: 'host_key_revoked',
        message: expect.stringContaining(`${file}:2`),
      });
    },
  );

  test('of a second type does not look like a changed one', async () => {
    const rsa = makeKey('rsa');
    const server = await startServer({ hostKeys: [sharedHostKey, rsa] });
    await connected(hostAt(server.port, { record: rsa }));
  });

  test('that is new is recorded once under accept-new, and is then the only right one', async () => {
    const server = await startServer();
    const file = join(temporaryFolder(), 'ssh', 'known_hosts');
    const host = hostAt(server.port, { record: null, hostKeys: 'accept-new', knownHosts: [file] });
    const transport = transportFor();
    const both = await Promise.all([transport.connect(host), transport.connect(host)]);
    expect(both.map(({ kind }) => kind)).toEqual(['connected', 'connected']);
    const line = `[127.0.0.1]:${server.port} ${sharedHostKey.publicLine}\n`;
    expect(readFileSync(file, 'utf8')).toBe(line);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    expect(existsSync(`${file}.fleet-lock`)).toBe(false);
    await connected({ ...host, ssh: { ...host.ssh, hostKeys: 'strict' } });
  });

  test('is appended after a last line without its newline, and nothing is rewritten', async () => {
    const server = await startServer();
    const file = join(temporaryFolder(), 'known_hosts');
    writeFileSync(file, `# mine\nother ${sharedHostKey.publicLine}`);
    await connected(
      hostAt(server.port, { record: null, hostKeys: 'accept-new', knownHosts: [file] }),
    );
    expect(readFileSync(file, 'utf8')).toBe(
      `# mine\nother ${sharedHostKey.publicLine}\n[127.0.0.1]:${server.port} ${sharedHostKey.publicLine}\n`,
    );
  });

  test('that another program recorded meanwhile decides', async () => {
    const server = await startServer();
    const file = join(temporaryFolder(), 'known_hosts');
    const host = hostAt(server.port, { record: null, hostKeys: 'accept-new', knownHosts: [file] });
    const failure = await refused(host, {
      async dial(dialled, signal) {
        writeFileSync(file, `[127.0.0.1]:${server.port} ${makeKey().publicLine}\n`);
        return dialTcp(dialled, signal);
      },
    });
    expect(failure.code).toBe('host_key_changed');
    expect(server.tried).toEqual([]);
  });

  test('in a file that cannot be read is not taken for unknown', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o700);
    expect(await refused(hostAt(1, { knownHosts: [folder] }))).toMatchObject({
      code: 'host_key_unknown',
      message: expect.stringContaining('EISDIR'),
    });
  });

  test('is the one that the server really has', async () => {
    const server = await startServer();
    expect(publicBlob(server.hostKey)).toEqual(publicBlob(sharedHostKey));
  });
});

/** Made for this test by `ssh-keygen -t ed25519 -Z chacha20-poly1305@openssh.com`; nothing accepts it. */
const CHACHA_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAAHWNoYWNoYTIwLXBvbHkxMzA1QG9wZW5zc2guY29tAAAABm
JjcnlwdAAAABgAAAAQSGUoc1cO0Lr+QmwcfKGzNAAAABAAAAABAAAAMwAAAAtzc2gtZWQy
NTUxOQAAACALH3Yz6ZLpZZ1x6Pkv8+lqSBnrnMe+r7J9tcXiL39/qQAAAJAgsgg5pAVzTR
fBkiStnjrbY9wWqm3uQSjuJ1KHHmG7mMaGPjYZN3H8/hoxJS+AUhBe1vHhkqFKAkiWJa32
uiAT3GUzPbDaWmk1R91y/SyFukd5t7+nYzxxy0HQwyW9Rsxb88y5Ab6KaEEczgc/4+ksk6
y4tryJ+L4ecYGQ2Qg9t+hzYFGCTp7PZPTFGzpLuUuJDLRPOzCCdDgvWJmkp4OW
-----END OPENSSH PRIVATE KEY-----
`;
