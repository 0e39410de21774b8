import type * as z from 'zod';
import { choice, line, oneOrMore, port, section, text } from '../../../schema/words.js';
import { reference } from './words.js';

const ADDRESS = String.raw`[^\s\u0000-\u001f<>"(),:;@\\]+@[^\s\u0000-\u001f<>"(),:;@\\]+`;

const address = text(
  new RegExp(String.raw`^(?:${ADDRESS}|[^\u0000-\u001f<>"(),:;@\\]+ <${ADDRESS}>)$`),
  'an address such as ops@example.com, or "Ops <ops@example.com>"',
);

/** Mail by SMTP: a server by its URL, or by host, port, user and password. */
export const email = section({
  to: oneOrMore(address, 'an address, or a list of them'),
  from: address,
  /** `smtps://USER:PASSWORD@HOST:PORT`, all of it secret. */
  smtp: reference.optional(),
  host: text(/^[A-Za-z0-9.:_-]+$/, 'the name or address of a mail server').optional(),
  port: port.optional(),
  user: line('a login name').optional(),
  password: reference.optional(),
  tls: choice('starttls', 'implicit', 'off').optional(),
}).superRefine((written, context) => {
  for (const { message, path } of mistakes(written)) {
    context.addIssue({ code: 'custom', message, path: [path] });
  }
});

export type EmailYaml = z.output<typeof email>;

interface Written {
  readonly smtp?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: string | undefined;
}

function mistakes(written: Written): readonly { message: string; path: string }[] {
  const { smtp, host, user, password, tls } = written;
  const extra = (['host', 'port', 'user', 'password', 'tls'] as const).find(
    (key) => written[key] !== undefined,
  );
  if (smtp !== undefined) {
    const message = `smtp is the whole URL of the server, so ${extra} has no meaning`;
    return extra === undefined ? [] : [{ message, path: extra }];
  }
  if (host === undefined) {
    return [
      { message: 'e-mail needs host, or smtp: env:NAME with the URL of a server', path: 'to' },
    ];
  }
  const found: { message: string; path: string }[] = [];
  if ((user === undefined) !== (password === undefined)) {
    found.push({
      message: 'user and password belong together',
      path: user === undefined ? 'password' : 'user',
    });
  }
  if (tls === 'off' && !isLoopback(host)) {
    found.push({ message: 'tls: off is only for a mail server on this machine', path: 'tls' });
  }
  return found;
}

/** Whether a mail server is this machine: the only one that may be reached without TLS. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host.toLowerCase());
