import { isIP } from 'node:net';
import type { SMTPTransportOptions } from 'nodemailer';
import { lookUpName } from '../../async/lookup-name.js';
import { type EmailYaml, isLoopback } from '../../config/fleet/sections/receivers/email.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { Channel, ReadSecret, Verdict } from '../channel.js';
import { type Mail, mailOf } from './mail-text.js';

/** A mail server, with its secrets. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  readonly tls: 'starttls' | 'implicit' | 'off';
}

const CONNECT_MS = 8000;
const ANSWER_MS = 12_000;

/** Mail by SMTP. nodemailer is loaded when a mail is sent, not before. */
export const mailChannel: Channel<EmailYaml> = {
  limits: { perMinute: 30, bytes: 1_000_000, muteMs: 0, merges: false },
  async open(settings, read) {
    const server = await serverOf(settings, read);
    const to = [settings.to].flat();
    const { host, port } = server;
    return {
      address: `${host}:${port} ${to.join(' ')}`,
      place: `${to.join(', ')} by ${host}`,
      send: (letter, context, signal) =>
        sendMail(server, { ...mailOf(letter, context), from: settings.from, to }, signal),
    };
  },
};

/** Throws `config_invalid` for a URL that cannot be used; it is a secret, so it is in no message. */
export async function serverOf(settings: EmailYaml, read: ReadSecret): Promise<MailServer> {
  const { smtp, host = '', user, password, tls } = settings;
  if (smtp !== undefined) return serverAt(await read(smtp), smtp);
  const implicit = tls === 'implicit' || (tls === undefined && settings.port === 465);
  return {
    host,
    port: settings.port ?? (implicit ? 465 : isLoopback(host) ? 25 : 587),
    auth:
      user === undefined || password === undefined ? null : { user, pass: await read(password) },
    tls: tls ?? (implicit ? 'implicit' : isLoopback(host) ? 'off' : 'starttls'),
  };
}

function serverAt(url: string, written: string): MailServer {
  const trimmed = url.trim();
  const wrong = (why: string): FleetError =>
    new FleetError('config_invalid', `the URL of ${written} cannot be used: ${why}`, {
      hint: 'smtps://USER:PASSWORD@HOST, or smtp:// for STARTTLS',
    });
  if (!URL.canParse(trimmed)) throw wrong('it is no URL');
  const { protocol, hostname, port, username, password } = new URL(trimmed);
  if (protocol !== 'smtp:' && protocol !== 'smtps:') throw wrong('it is neither smtp nor smtps');
  if (hostname === '') throw wrong('it has no host');
  const implicit = protocol === 'smtps:';
  const here = isLoopback(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (implicit ? 465 : here ? 25 : 587) : Number(port),
    auth:
      username === ''
        ? null
        : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    tls: implicit ? 'implicit' : here ? 'off' : 'starttls',
  };
}

interface Addressed extends Mail {
  readonly from: string;
  readonly to: readonly string[];
}

async function sendMail(
  server: MailServer,
  mail: Addressed,
  signal: AbortSignal,
): Promise<Verdict> {
  let close = (): void => undefined;
  try {
    const [{ createTransport }, address] = await Promise.all([
      import('nodemailer'),
      lookUpName(server.host, AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])),
    ]);
    const transport = createTransport(transportOf(server, address));
    close = () => transport.close();
    const { rejected } = await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      inReplyTo: mail.thread,
      references: [mail.thread],
      // No one answers it, and no vacation notice does.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal,
    });
    const refused = rejected.map(printableLine).join(', ');
    return refused === '' ? { kind: 'sent' } : { kind: 'sent', note: `not accepted: ${refused}` };
  } catch (error) {
    if (signal.aborted) return { kind: 'retry', afterMs: null, why: 'fleet ended meanwhile' };
    return judgeMail(error);
  } finally {
    close();
  }
}

/** nodemailer would ask for the name in a thread, and the process could not end before a name server answers. */
function transportOf({ host, port, auth, tls }: MailServer, address: string): SMTPTransportOptions {
  return {
    host: address,
    port,
    ...(isIP(host) === 0 ? { tls: { servername: host } } : {}),
    secure: tls === 'implicit',
    // It wins over every other option: without TLS nothing is sent, the password least of all.
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    ...(auth === null ? {} : { auth: { ...auth } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    socketCloseTimeout: 0,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** What an error of nodemailer means: 5xx is for good, all else may pass. */
export function judgeMail(error: unknown): Verdict {
  const status = responseCodeOf(error);
  const why = printableLine(reasonOf(error)).slice(0, LONGEST_WHY);
  if (status !== null && status >= 500) return { kind: 'refused', why };
  return { kind: 'retry', afterMs: null, why };
}

const LONGEST_WHY = 300;

function responseCodeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return null;
  return typeof error.responseCode === 'number' ? error.responseCode : null;
}
