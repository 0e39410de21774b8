import { whyGone } from '../config/fleet/sections/receivers/words.js';
import { FleetError } from '../errors/fleet-error.js';
import type { Verdict } from './channel.js';

/** A POST. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its beginning. */
  readonly body: string;
}

/**
 * The URL that a reference held, without blanks around it. Throws `config_invalid` if it cannot be used;
 * the URL is a secret, so it is in no message. `written` is what fleet.yaml has.
 */
export function usableUrl(url: string, written: string): string {
  const trimmed = url.trim();
  const gone = whyGone(trimmed);
  const wrong = (why: string): FleetError =>
    new FleetError('config_invalid', `the URL of ${written} cannot be used: ${why}`);
  if (gone !== null) throw wrong(gone);
  if (!URL.canParse(trimmed)) throw wrong('it is no URL');
  const { protocol, hostname, username, password } = new URL(trimmed);
  if (username !== '' || password !== '') throw wrong('it has a user or a password');
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return trimmed;
  throw wrong('it is not https');
}

/** A {@link usableUrl} that has the parameter without which the service takes nothing. */
export function urlWith(
  url: string,
  { written, parameter }: { readonly written: string; readonly parameter: string },
): string {
  const usable = usableUrl(url, written);
  if ((new URL(usable).searchParams.get(parameter) ?? '') !== '') return usable;
  throw new FleetError(
    'config_invalid',
    `the URL of ${written} cannot be used: it has no ${parameter}=`,
    {
      hint: 'copy the whole URL that the service shows',
    },
  );
}

/** For people: the host and the last four characters, which tell two receivers of one service apart. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '…';
  const { host, pathname, search } = new URL(url);
  const rest = `${pathname}${search}`;
  return rest.length <= SHOWN_REST ? host : `${host}/…${rest.slice(-4)}`;
}

/** Four characters of less would be most of it. */
const SHOWN_REST = 12;

/** What an answer means if the service only speaks by its status. */
export function judgeStatus({ status, headers }: HttpAnswer): Verdict {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const why = `it answered ${status}`;
  if (status >= 300 && status < 400) {
    return { kind: 'refused', why: `${why}, and fleet follows no redirect` };
  }
  if (TRANSIENT.has(status) || status >= 500) {
    return { kind: 'retry', afterMs: retryAfterMs(headers), why };
  }
  return { kind: 'refused', why };
}

/** Time-out, conflict, too early, too many requests. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** The wait that `Retry-After` asks for, in seconds or as a date; null without one. */
export function retryAfterMs(headers: HttpAnswer['headers'], now = Date.now()): number | null {
  const written = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1000;
  const at = Date.parse(written);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
