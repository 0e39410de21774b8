/** A server that keeps a history, from its URL. Its password is in no message and no record. */
export interface HistoryServer {
  readonly kind: 'postgres' | 'mysql' | 'redis';
  /** A name or an address; the path of a socket where {@link socket} is true. */
  readonly host: string;
  readonly socket: boolean;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string;
  /** Null for clear text: on this machine, or where the URL allows it. */
  readonly tls: ServerTls | null;
}

/** Files of certificates; without `ca`, the authorities that Node knows. */
export interface ServerTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** What is wrong with a URL, without any part of it that may be secret. */
export interface UrlProblem {
  readonly message: string;
  readonly hint: string;
}

type Read = { readonly server: HistoryServer } | { readonly problem: UrlProblem };

const KINDS: Readonly<Record<string, HistoryServer['kind']>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'redis:': 'redis',
  'rediss:': 'redis',
};

const PORTS: Readonly<Record<HistoryServer['kind'], number>> = {
  postgres: 5432,
  mysql: 3306,
  redis: 6379,
};

const PARAMETERS: readonly string[] = ['ca', 'cert', 'insecure', 'key', 'socket', 'tls'];

const EXAMPLE = 'Write it as postgres://USER@HOST/DATABASE, or mysql:// likewise.';

/** Reads the URL of a server. Off this machine it has TLS, unless it says `insecure=1`. */
export function readHistoryUrl(text: string): Read {
  const url = urlOf(text);
  const kind = url === null ? undefined : KINDS[url.protocol];
  if (url === null || kind === undefined) return fault('is not the URL of a server', EXAMPLE);
  const database = decoded(url.pathname.replace(/^\//, ''));
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const problem = oddParts(url) ?? (kind === 'redis' ? null : noDatabase(database));
  if (problem !== null) return { problem };
  if (database === null || user === null || password === null) {
    return fault('has a % without two digits after it', 'Write % itself as %25.');
  }
  const socket = url.searchParams.get('socket');
  const host = socket ?? url.hostname.replaceAll(/^\[|\]$/g, '');
  const place = { kind, host, socket: socket !== null, database };
  const port = url.port === '' ? PORTS[kind] : Number(url.port);
  const login = { user: user || null, password: password || null };
  const found = tlsOf(url, place);
  return 'problem' in found ? found : { server: { ...place, port, ...login, tls: found.tls } };
}

/** The server for people: without user and password. */
export function serverText({ kind, host, socket, port, database }: HistoryServer): string {
  const name = { postgres: 'PostgreSQL', mysql: 'MySQL', redis: 'Redis' }[kind];
  const at = socket ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${name} at ${at}${database === '' ? '' : `/${database}`}`;
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const fault = (message: string, hint: string) => ({ problem: { message, hint } });

function oddParts(url: URL): UrlProblem | null {
  const remedy = 'In a password, write @ as %40, / as %2F, # as %23, ? as %3F, : as %3A.';
  if (url.hash !== '') return { message: 'has a #', hint: remedy };
  if (url.hostname === '' && !url.searchParams.has('socket')) {
    return { message: 'names no host', hint: EXAMPLE };
  }
  const socket = url.searchParams.get('socket');
  if (socket?.startsWith('/') === false) {
    return { message: 'has a socket that is no absolute path', hint: 'Write ?socket=/run/….' };
  }
  const odd = [...url.searchParams.keys()].find((key) => !PARAMETERS.includes(key));
  if (odd === undefined) return null;
  // An unescaped ? in a password would show the rest of it here.
  const known = `It may have ${PARAMETERS.join(', ')}.`;
  return { message: 'has a parameter that fleet does not know', hint: `${known} ${remedy}` };
}

function noDatabase(database: string | null): UrlProblem | null {
  if (database === null || /^[^/]+$/.test(database)) return null;
  return { message: 'names no database, or has a / in its name', hint: EXAMPLE };
}

function tlsOf(
  url: URL,
  { kind, host, socket }: Pick<HistoryServer, 'kind' | 'host' | 'socket'>,
): { readonly tls: ServerTls | null } | { readonly problem: UrlProblem } {
  const files = url.searchParams;
  const [ca, cert, key] = [files.get('ca'), files.get('cert'), files.get('key')];
  const named = [ca, cert, key].filter((file) => file !== null);
  const isNamed = named.length > 0 || files.get('tls') === '1' || url.protocol === 'rediss:';
  const isInsecure = files.get('insecure') === '1';
  if (named.some((file) => !file.startsWith('/'))) {
    return fault('has a ca, cert or key that is no absolute path', 'Write ?ca=/etc/….');
  }
  if ((cert === null) !== (key === null)) {
    return fault('has one of cert and key, which need each other', 'Name both.');
  }
  if (isNamed && isInsecure) {
    return fault('asks for TLS and for insecure=1', 'Leave one of them out.');
  }
  if (!isNamed && (isInsecure || socket || isLoopback(host))) return { tls: null };
  if (kind === 'redis' && url.protocol === 'redis:') {
    return fault(
      'would send everything in clear text over the network',
      'Write rediss://, or ?insecure=1 if you trust every machine on the way.',
    );
  }
  if (kind === 'mysql' && isAddress(host)) {
    return fault(
      'names the server by its address, and the driver checks certificates by name only',
      'Name it by its host name, or write ?insecure=1 if you trust every machine on the way.',
    );
  }
  return { tls: { ca, cert, key } };
}

const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
