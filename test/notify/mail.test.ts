import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmailYaml } from '../../src/config/fleet/sections/receivers/email.js';
import { judgeMail, mailChannel, serverOf } from '../../src/notify/adapters/mail.js';
import { mailOf } from '../../src/notify/adapters/mail-text.js';
import type { RenderContext, Verdict } from '../../src/notify/channel.js';
import type { Letter } from '../../src/notify/notice.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';
import { noticeOfRun, noticesOfRun } from './support/notices.js';
import { hasSmtpServer, smtpServer, testCertificate } from './support/smtp-server.js';

const CONTEXT: RenderContext = {
  at: new Date('2026-11-30T12:00:00Z'),
  id: 'run-1.7.abc',
  language: 'zh',
  bastion: 'bastion 1',
};
const LETTER: Letter = { kind: 'notice', notice: noticeOfRun(40, 'canary', 'rolled_back') };
const BASE = { to: ['ops@example.com'], from: 'Fleet <fleet@example.com>' };
const SECRETS = { 'env:PASSWORD': 'pass-4711' };

const read = async (written: string) => ({ ...SECRETS })[written] ?? written;

describe('the mail of a notice', () => {
  test('says what the notice says', () => {
    const { subject, text } = mailOf(LETTER, { ...CONTEXT, language: 'en' });
    expect(subject).toBe('shop: deploy to prod failed; its hosts are rolled back');
    expect(text.split('\n').slice(-5)).toEqual([
      'Failed:',
      '  web01: shop.service died 0.3s after its start (Result=exit-code)',
      '',
      'Next: fleet show 20261123T164154-k3vq',
      '',
    ]);
  });

  test('is in one thread with the others of its run', () => {
    const mails = noticesOfRun(40, 'canary').map((notice, at) =>
      mailOf({ kind: 'notice', notice }, { ...CONTEXT, id: `run.${at}` }),
    );
    expect(new Set(mails.map(({ thread }) => thread)).size).toBe(1);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length);
    for (const { messageId, thread } of mails) {
      for (const id of [messageId, thread]) expect(id).toMatch(/^<[\w.+-]+@[\w.-]+>$/);
    }
  });

  test('has no address and no link that a host wrote', () => {
    const notice = noticeOfRun(40, 'canary', 'rolled_back');
    const why = 'see https://evil.example or mail ceo@example.com';
    const failed = notice.failed.map((each) => ({ ...each, why }));
    const { text } = mailOf({ kind: 'notice', notice: { ...notice, failed } }, CONTEXT);
    expect(text).not.toMatch(/:\/\/|ceo@example/);
  });
});

describe('a mail server', () => {
  test.each<[Partial<EmailYaml>, object]>([
    [{ host: 'smtp.example.com' }, { port: 587, tls: 'starttls' }],
    [
      { host: 'smtp.example.com', port: 465 },
      { port: 465, tls: 'implicit' },
    ],
    [
      { host: 'smtp.example.com', tls: 'implicit' },
      { port: 465, tls: 'implicit' },
    ],
    [{ host: 'localhost' }, { port: 25, tls: 'off' }],
    [
      { host: '127.0.0.1', tls: 'starttls' },
      { port: 25, tls: 'starttls' },
    ],
    [{ smtp: 'smtp://smtp.example.com' }, { port: 587, tls: 'starttls', auth: null }],
    [{ smtp: 'smtps://smtp.example.com' }, { port: 465, tls: 'implicit' }],
    [
      { smtp: 'smtps://a%40b:p%3Aw@smtp.example.com:2465' },
      { port: 2465, auth: { user: 'a@b', pass: 'p:w' } },
    ],
  ])('%j is reached by %j', async (settings, server) => {
    expect(await serverOf({ ...BASE, ...settings }, read)).toMatchObject(server);
  });

  test.each(['secret', 'https://secret.example', 'smtp://'])(
    'with the URL %s is refused, without saying it',
    async (smtp) => {
      const refusal = serverOf({ ...BASE, smtp: 'env:SMTP' }, async () => smtp);
      await expect(refusal).rejects.toThrow('the URL of env:SMTP cannot be used');
      await expect(refusal).rejects.not.toThrow('secret');
    },
  );

  test('that refuses for good is not asked again, all else is tried again', () => {
    const failed = (responseCode?: number) => Object.assign(new Error('no'), { responseCode });
    expect(judgeMail(failed(550))).toMatchObject({ kind: 'refused' });
    expect(judgeMail(failed(535))).toMatchObject({ kind: 'refused' });
    expect(judgeMail(failed(451))).toMatchObject({ kind: 'retry' });
    expect(judgeMail(failed())).toMatchObject({ kind: 'retry' });
  });
});

describe.skipIf(!hasSmtpServer())('a real SMTP server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  let files: ReturnType<typeof testCertificate>;
  beforeAll(() => {
    files = testCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Sends in a process of its own, which trusts the test's certificate, or does not. */
  async function send(settings: Partial<EmailYaml>, trusts = true): Promise<Verdict> {
    const file = join(temporaryFolder(), 'mail.json');
    const all = { settings: { ...BASE, ...settings }, secrets: SECRETS };
    writeFileSync(file, JSON.stringify({ ...all, letter: LETTER, context: CONTEXT }));
    const script = new URL('./support/send-mail.ts', import.meta.url).pathname;
    const env = { ...process.env, ...(trusts ? { NODE_EXTRA_CA_CERTS: files.cert } : {}) };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', script, file],
      { env },
    );
    return JSON.parse(stdout) as Verdict;
  }

  const login = { user: 'fleet', password: 'env:PASSWORD' } as const;

  test('with STARTTLS and a login takes the mail', async () => {
    await using server = await smtpServer('starttls', files);
    const at = { host: 'localhost', port: server.port, tls: 'starttls' } as const;
    expect(await send({ ...at, ...login })).toEqual({ kind: 'sent' });
    const mail = await server.first();
    expect(mail).toMatchObject({ tls: true, user: 'fleet', to: ['ops@example.com'] });
    const headers = mail.text.split('\r\n\r\n')[0];
    expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(headers).toMatch(/^Message-ID: <run-1\.7\.abc@bastion-1>\r?$/m);
    expect(headers).toMatch(/^References: <20261123T164154-k3vq\.run@bastion-1>\r?$/m);
    expect(headers).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(headers).toMatch(/^From: Fleet <fleet@example\.com>\r?$/m);
  });

  test('with TLS from the start takes the mail', async () => {
    await using server = await smtpServer('implicit', files);
    const at = { host: 'localhost', port: server.port, tls: 'implicit' } as const;
    expect(await send({ ...at, ...login })).toEqual({ kind: 'sent' });
  });

  test('whose certificate is not trusted gets neither mail nor password', async () => {
    await using server = await smtpServer('starttls', files);
    const at = { host: 'localhost', port: server.port, tls: 'starttls' } as const;
    expect(await send({ ...at, ...login }, false)).toMatchObject({
      kind: 'retry',
      why: expect.stringContaining('self-signed certificate'),
    });
    expect(server.mails).toEqual([]);
  });

  test('without STARTTLS gets nothing where TLS is needed', async () => {
    await using server = await smtpServer('no-tls', files);
    const verdict = await send({ host: 'localhost', port: server.port, tls: 'starttls' });
    expect(verdict.kind).not.toBe('sent');
    expect(server.mails).toEqual([]);
  });

  test('with a wrong password refuses', async () => {
    await using server = await smtpServer('starttls', files);
    const at = { host: 'localhost', port: server.port, tls: 'starttls' } as const;
    const verdict = await send({ ...at, user: 'fleet', password: 'env:OTHER' });
    expect(verdict).toMatchObject({ kind: 'refused', why: expect.stringContaining('535') });
    expect(JSON.stringify(verdict)).not.toContain('env:OTHER');
  });

  const here = async (settings: Partial<EmailYaml>, signal = new AbortController().signal) =>
    (await mailChannel.open({ ...BASE, host: '127.0.0.1', ...settings }, read)).send(
      LETTER,
      CONTEXT,
      signal,
    );

  test('that is busy is tried again, one that has no such user is not', async () => {
    await using busy = await smtpServer('busy', files);
    expect(await here({ port: busy.port })).toMatchObject({ kind: 'retry' });
    await using refusing = await smtpServer('refuse', files);
    expect(await here({ port: refusing.port })).toMatchObject({ kind: 'refused' });
  });

  test('that takes it for some of the addresses gets a note', async () => {
    await using server = await smtpServer('plain', files);
    const to = ['ops@example.com', 'nobody@example.com'];
    expect(await here({ port: server.port, to })).toEqual({
      kind: 'sent',
      note: 'not accepted: nobody@example.com',
    });
    expect((await server.first()).to).toEqual(['ops@example.com']);
  });

  test('that hangs is left when fleet ends', async () => {
    await using server = await smtpServer('hang', files);
    const stop = new AbortController();
    const sending = here({ port: server.port }, stop.signal);
    setTimeout(() => stop.abort(), 200);
    const began = performance.now();
    expect(await sending).toMatchObject({ kind: 'retry', why: 'fleet ended meanwhile' });
    expect(performance.now() - began).toBeLessThan(1500);
  });
});
