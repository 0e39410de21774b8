import { readFileSync } from 'node:fs';
import { FleetError } from '../../errors/fleet-error.js';

/** A Redis server, from the URL of a history. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  /** Null for a connection in the clear. */
  readonly tls: RedisTls | null;
  /** The name of the history on that server. */
  readonly name: string;
  /** Where it is, for messages: nothing secret. */
  readonly where: string;
}

export interface RedisTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const PORT = 6379;

/** Which parameters a URL may have. */
const PARAMETERS: ReadonlySet<string> = new Set(['name', 'insecure', 'ca', 'cert', 'key']);

/**
 * Reads `redis://` and `rediss://`: `rediss://user:password@host:port/db?name=…`. Throws `history_unavailable`: for what
 * cannot be read, and for a server on another machine without TLS.
 */
export function redisTarget(text: string): RedisTarget {
  const url = urlOf(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? PORT : Number(url.port);
  const where = `${url.protocol}//${url.hostname}:${port}${url.pathname}`;
  const refuse = (message: string, hint: string): never => {
    throw new FleetError('history_unavailable', `the history ${where} ${message}`, { hint });
  };
  for (const key of url.searchParams.keys()) {
    if (!PARAMETERS.has(key)) {
      refuse(`has an unknown parameter: ${key}`, `Known are ${[...PARAMETERS].join(', ')}.`);
    }
  }
  const isSafe = url.protocol === 'rediss:' || isLoopback(host);
  if (!isSafe && url.searchParams.get('insecure') !== '1') {
    refuse(
      'is on another machine and not encrypted',
      'Write rediss:// for TLS. In a network that no one else can read, add ?insecure=1.',
    );
  }
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (db === undefined) {
    return refuse('names no database by its number', 'Write redis://HOST:PORT/0');
  }
  return {
    host,
    port,
    db: Number(db),
    username: textOf(url.username),
    password: textOf(url.password),
    tls: url.protocol === 'rediss:' ? tlsOf(url.searchParams, refuse) : null,
    name: url.searchParams.get('name') ?? 'fleet',
    where,
  };
}

function urlOf(text: string): URL {
  const url = URL.parse === undefined ? parsed(text) : URL.parse(text);
  if (url !== null && url.hostname !== '' && /^rediss?:$/.test(url.protocol)) return url;
  // The text may have a password in it, so it is not shown.
  throw new FleetError('history_unavailable', 'the address of the history is no redis:// URL', {
    hint: 'Write rediss://USER:PASSWORD@HOST:PORT/0; encode special characters of the password as %XX.',
  });
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

const textOf = (encoded: string): string | null =>
  encoded === '' ? null : decodeURIComponent(encoded);

function tlsOf(
  parameters: URLSearchParams,
  refuse: (message: string, hint: string) => never,
): RedisTls {
  const read = (key: 'ca' | 'cert' | 'key') => {
    const file = parameters.get(key);
    if (file === null) return {};
    try {
      return { [key]: readFileSync(file) };
    } catch {
      return refuse(`needs the file ${file}, which cannot be read`, 'Give the absolute path.');
    }
  };
  return { ...read('ca'), ...read('cert'), ...read('key') };
}

/** Whether a host is this machine, by its name or address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
