import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { FleetError } from '../errors/fleet-error.js';
import { printableLine } from '../errors/printable.js';

const REDIRECTS = 5;

/** Limits of a download; exceeding one ends it. */
export interface DownloadLimits {
  readonly bytes: number;
  /** Silence at any moment; also the longest wait for the response headers. */
  readonly idleMs: number;
  /** From the first connection to the last byte. */
  readonly totalMs: number;
  /** The least bytes in every window of this length. */
  readonly windowMs: number;
  readonly bytesPerWindow: number;
}

/** 4 KiB a second is slower than any suitable line; an hour is 8 GiB at 2.3 MiB/s. */
const LIMITS: DownloadLimits = {
  bytes: 8 * 1024 ** 3,
  idleMs: 30_000,
  totalMs: 3_600_000,
  windowMs: 60_000,
  bytesPerWindow: 60 * 4096,
};

export interface DownloadOptions {
  readonly url: string;
  /** Hex SHA-256 that the file must have. */
  readonly sha256: string;
  /** The file to write; must not exist yet. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
  /** For tests. */
  readonly limits?: Partial<DownloadLimits> | undefined;
}

/**
 * Fetches a release over https (plain http only from this machine) and checks its SHA-256 before anyone reads it.
 * Throws `source_invalid`; a URL is shown without query and password.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const limits = { ...LIMITS, ...options.limits };
  const overdue = new AbortController();
  const timer = setTimeout(
    () => overdue.abort(failed(options.url, `took longer than ${seconds(limits.totalMs)}`)),
    limits.totalMs,
  );
  const given = options.signal === undefined ? [] : [options.signal];
  const signal = AbortSignal.any([overdue.signal, ...given]);
  try {
    await fetchTo(options, { limits, signal });
  } catch (cause) {
    throw overdue.signal.aborted ? overdue.signal.reason : asRefusal(options.url, cause);
  } finally {
    clearTimeout(timer);
  }
}

interface Budget {
  readonly limits: DownloadLimits;
  readonly signal: AbortSignal;
}

async function fetchTo(options: DownloadOptions, { limits, signal }: Budget): Promise<void> {
  const { url, sha256, file } = options;
  const hash = createHash('sha256');
  let bytes = 0;
  const response = await follow(url, { signal, idleMs: limits.idleMs });
  const window = { ends: performance.now() + limits.windowMs, bytes: 0 };
  const tooSlow = () =>
    failed(url, `sends less than ${limits.bytesPerWindow} bytes in ${seconds(limits.windowMs)}`);
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  // If the pipeline breaks, the file may still be created.
  const closed = once(target, 'close').then(
    () => undefined,
    () => undefined,
  );
  const written = pipeline(
    response,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        window.bytes += chunk.length;
        if (bytes > limits.bytes) throw failed(url, `is over ${limits.bytes} bytes`);
        if (performance.now() > window.ends) {
          if (window.bytes < limits.bytesPerWindow) throw tooSlow();
          window.ends = performance.now() + limits.windowMs;
          window.bytes = 0;
        }
        hash.update(chunk);
        yield chunk;
      }
    },
    target,
    { signal },
  );
  try {
    await written;
  } finally {
    await closed;
  }
  checkLength(url, response, bytes);
  const found = hash.digest('hex');
  if (found === sha256.toLowerCase()) return;
  throw failed(url, `has the SHA-256 ${found}, not ${sha256} as asked for`);
}

const seconds = (ms: number): string => `${ms / 1000} s`;

interface RequestOptions {
  readonly signal: AbortSignal;
  readonly idleMs: number;
}

async function follow(first: string, options: RequestOptions): Promise<IncomingMessage> {
  let url = checkedUrl(first, null);
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    const response = await request(url, options);
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    response.destroy();
    const { location } = response.headers;
    if (status < 300 || status > 399 || location === undefined) {
      throw failed(url.href, `answered ${status}`);
    }
    url = checkedUrl(location, url);
  }
  throw failed(first, `redirected more than ${REDIRECTS} times`);
}

function request(url: URL, { signal, idleMs }: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? getHttps : getHttp;
    const sent = get(url, { signal, agent: false }, (response) => {
      clearTimeout(head);
      resolve(response);
    });
    const silent = () => sent.destroy(new Error(`nothing came for ${seconds(idleMs)}`));
    sent.setTimeout(idleMs, silent);
    // Headers that arrive a byte at a time do not count as silence.
    const head = setTimeout(silent, idleMs);
    sent.on('error', (cause) => reject(asRefusal(url.href, cause)));
    sent.on('close', () => clearTimeout(head));
  });
}

function checkedUrl(text: string, base: URL | null): URL {
  if (!URL.canParse(text, base?.href)) {
    throw new FleetError('source_invalid', 'the URL of the release is malformed');
  }
  const url = new URL(text, base?.href);
  if (url.protocol === 'https:') return url;
  const fromHere = base === null || base.protocol === 'http:';
  if (url.protocol === 'http:' && isLoopback(url.hostname) && fromHere) return url;
  throw new FleetError('source_invalid', `${shown(url)} is not an https URL`, {
    hint: 'Releases are fetched over https only.',
  });
}

/** This machine itself, from where plain http is allowed too. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function checkLength(url: string, response: IncomingMessage, bytes: number): void {
  const announced = response.headers['content-length'];
  if (announced === undefined || Number(announced) === bytes) return;
  throw failed(url, `ended after ${bytes} of ${announced} bytes`);
}

function asRefusal(url: string, cause: unknown): unknown {
  if (cause instanceof FleetError || !(cause instanceof Error)) return cause;
  if (cause.name === 'AbortError' || ('code' in cause && cause.code === 'ENOSPC')) return cause;
  return failed(url, `could not be fetched: ${printableLine(cause.message)}`, cause);
}

function failed(url: string, why: string, cause?: unknown): FleetError {
  return new FleetError('source_invalid', `${shown(new URL(url))} ${why}`, { cause });
}

/** A query may contain a signature and the user part a password. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
