import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atPort, startRelay } from '../transport/support/relay.js';
import { makeKey, startTcp, temporaryFolder } from '../transport/support/ssh-server.js';
import {
  changed,
  connectedBy,
  open,
  recordedAs,
  recordOf,
  refusedBy,
  type TransportSubject,
} from './transport-subject.js';

const SOON = { timeoutMs: 15_000 };

export function connectContract(subject: TransportSubject): void {
  describe('a connection', () => {
    test('that is closed ends what runs on it', async () => {
      const { host } = await subject.server();
      const connection = await connectedBy(subject, host);
      let ready = (): void => undefined;
      const begun = new Promise<void>((resolve) => (ready = resolve));
      const pending = connection.exec('echo; exec sleep 5', { ...SOON, onLine: () => ready() });
      await begun;
      await connection.close();
      expect(await pending).toMatchObject({ kind: 'lost' });
      expect(connection.open).toBe(false);
      await connection.close();
    });

    test('is closed with its transport, which makes no more', async () => {
      const { host } = await subject.server();
      const transport = open(subject);
      const outcome = await transport.connect(host);
      await transport.close();
      expect(outcome).toMatchObject({ kind: 'connected', connection: { open: false } });
      expect(await transport.connect(host)).toMatchObject({ failure: { code: 'interrupted' } });
    });

    test('is given up when the signal aborts, before its turn and in its handshake', async () => {
      const { host } = await subject.server();
      const controller = new AbortController();
      const port = await startTcp(() => controller.abort());
      const transport = open(subject);
      const hanging = atPort(host, port);
      const outcomes = [transport.connect(hanging, controller.signal)];
      expect(await Promise.all(outcomes)).toMatchObject([{ failure: { code: 'interrupted' } }]);
      expect(await transport.connect(hanging, controller.signal)).toMatchObject({
        failure: { code: 'interrupted' },
      });
    });
  });

  describe('a server that', () => {
    test('is not there is unreachable', async () => {
      const { host } = await subject.server();
      const port = await startTcp(() => {});
      expect(
        await refusedBy(subject, { ...atPort(host, port), address: '127.0.0.2' }),
      ).toMatchObject({ code: 'unreachable', message: `127.0.0.2:${port} refuses connections` });
    });

    test('has a name that does not resolve is unreachable', async () => {
      const { host } = await subject.server();
      expect(await refusedBy(subject, { ...host, address: 'nowhere.invalid' })).toMatchObject({
        code: 'unreachable',
        message: 'the name nowhere.invalid does not resolve',
      });
    });

    test.each([
      ['accepting', '', 'said nothing'],
      ['its banner', 'SSH-2.0-slow\r\n', 'key exchange'],
    ])('hangs after %s ends in a timeout', async (_when, banner, where) => {
      const { host } = await subject.server();
      const port = await startTcp((socket) => void socket.write(banner));
      const hanging = changed(atPort(host, port), { connectTimeoutMs: 1000 });
      expect(await refusedBy(subject, hanging)).toMatchObject({
        code: 'connect_timeout',
        message: expect.stringContaining(where),
      });
    });

    test('keeps dropping connections is reported with its own words, after another try', async () => {
      const { host } = await subject.server();
      let dials = 0;
      const port = await startTcp((socket) => {
        dials += 1;
        socket.end('Exceeded MaxStartups\r\n');
      });
      expect(await refusedBy(subject, atPort(host, port))).toMatchObject({
        code: 'unreachable',
        message: `127.0.0.1:${port} ended the connection before authentication: Exceeded MaxStartups`,
      });
      expect(dials).toBeGreaterThan(1);
    });
  });

  algorithmContract(subject);

  describe('a key', () => {
    test('that the server does not know fails with user, host and the keys tried, once', async () => {
      const relay = await startRelay((await subject.server()).host);
      const identity = join(temporaryFolder(), 'id');
      writeFileSync(identity, makeKey().privateText, { mode: 0o600 });
      const wrong = changed(relay.host, { identityFiles: [identity] });
      const failure = await refusedBy(subject, wrong);
      expect(failure).toMatchObject({
        code: 'auth_failed',
        message: `${wrong.ssh.user}@127.0.0.1:${wrong.ssh.port} refused every key offered`,
        hint: expect.stringMatching(/SHA256:/),
      });
      expect(failure.hint).toContain(identity);
      expect(relay.connections).toBe(1);
    });

    test.each([
      ['missing', null],
      ['no key', 'hello'],
    ])('that is %s names its file', async (_what, text) => {
      const { host } = await subject.server();
      const file = join(temporaryFolder(), 'id');
      if (text !== null) writeFileSync(file, text, { mode: 0o600 });
      const failure = await refusedBy(subject, changed(host, { identityFiles: [file] }));
      expect(failure).toMatchObject({ code: 'identity_unusable', hint: expect.any(String) });
      expect(failure.message).toContain(file);
    });
  });

  hostKeyContract(subject);
}

function algorithmContract({ sshd, ...subject }: TransportSubject): void {
  if (sshd === undefined) return;
  describe('a server that offers nothing that we have', () => {
    test.each([
      ['key exchange', 'KexAlgorithms diffie-hellman-group14-sha1', 'diffie-hellman-group14-sha1'],
      ['host key', 'HostKeyAlgorithms ssh-rsa', 'ssh-rsa'],
      ['cipher', 'Ciphers aes128-cbc,3des-cbc', 'aes128-cbc, 3des-cbc'],
      ['MAC', 'Ciphers aes128-ctr\nMACs hmac-md5,hmac-md5-96', 'hmac-md5, hmac-md5-96'],
    ])('of the kind %s is named with its offer, and asked once', async (kind, config, offered) => {
      const hostKeys = [makeKey(kind === 'host key' ? 'rsa' : 'ed25519')];
      const { host, logins } = await sshd({ config, hostKeys });
      const relay = await startRelay(host);
      expect(await refusedBy(subject, relay.host)).toMatchObject({
        code: 'no_common_algorithm',
        message: `127.0.0.1:${relay.host.ssh.port} has no ${kind} in common with fleet; it offers ${offered}`,
        hint: expect.any(String),
      });
      expect(relay.connections).toBe(1);
      expect(logins?.()).toBe(0);
    });
  });
}

function hostKeyContract(subject: TransportSubject): void {
  describe('a host key', () => {
    test('that is unknown is refused with its fingerprint, before any login', async () => {
      const { host, logins } = await subject.server();
      expect(await refusedBy(subject, recordedAs(host, ''))).toMatchObject({
        code: 'host_key_unknown',
        message: expect.stringMatching(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/),
        hint: expect.stringContaining('accept-new'),
      });
      expect(logins?.() ?? 0).toBe(0);
    });

    test.each(['strict', 'accept-new'] as const)(
      'that changed is refused under %s, before any login',
      async (hostKeys) => {
        const { host, logins } = await subject.server();
        const other = recordedAs(host, `[127.0.0.1]:${host.ssh.port} ${makeKey().publicLine}\n`);
        const failure = await refusedBy(subject, changed(other, { hostKeys }));
        expect(failure.code).toBe('host_key_changed');
        expect(failure.message).toContain(`${other.ssh.knownHosts[0]}:1`);
        expect(logins?.() ?? 0).toBe(0);
      },
    );

    test.each(['strict', 'accept-new'] as const)(
      'that is revoked is refused under %s, before any login',
      async (hostKeys) => {
        const { host, logins } = await subject.server();
        const record = recordOf(host);
        const [, key] = new RegExp(`\\]:${host.ssh.port} (.*)`).exec(record) ?? [];
        const revoked = recordedAs(host, `${record}@revoked * ${key}\n`);
        const failure = await refusedBy(subject, changed(revoked, { hostKeys }));
        expect(failure.code).toBe('host_key_revoked');
        expect(logins?.() ?? 0).toBe(0);
      },
    );

    test('that is new is recorded under accept-new, and is then the only right one', async () => {
      const { host, logins } = await subject.server();
      const file = join(temporaryFolder(), 'ssh', 'known_hosts');
      const unseen = changed(host, { hostKeys: 'accept-new', knownHosts: [file] });
      await connectedBy(subject, unseen);
      if (logins !== undefined) expect(logins()).toBeGreaterThan(0);
      await connectedBy(subject, changed(unseen, { hostKeys: 'strict' }));
      writeFileSync(file, `[127.0.0.1]:${host.ssh.port} ${makeKey().publicLine}\n`);
      expect(await refusedBy(subject, unseen)).toMatchObject({ code: 'host_key_changed' });
    });

    test('that cannot be recorded is not gone on with', async () => {
      const { host } = await subject.server();
      const folder = join(recordedAs(host, '').ssh.knownHosts[0] ?? '', 'below-a-file');
      const unseen = changed(host, { hostKeys: 'accept-new', knownHosts: [folder] });
      expect(await refusedBy(subject, unseen)).toMatchObject({ code: 'host_key_unknown' });
    });
  });
}
