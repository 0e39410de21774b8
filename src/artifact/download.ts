import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { FleetError } from '../errors/fleet-error.js';

const REDIRECTS = 5;
/** Silence for this long, at any moment, ends a download. */
const IDLE_MS = 30_000;
const MAX_BYTES = 8 * 1024 ** 3;

export interface DownloadOptions {
  readonly url: string;
  /** Hex SHA-256 that the file must have. */
  readonly sha256: string;
  /** Written here; must not be there yet. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
  /** For tests. */
  readonly limits?: { readonly bytes: number; readonly idleMs: number } | undefined;
}

/**
 * Fetches a release over https (plain http only from this machine) and checks its SHA-256 before
 * anyone reads it. Throws `source_invalid`; what it shows of a URL has no query and no password.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const limits = options.limits ?? { bytes: MAX_BYTES, idleMs: IDLE_MS };
  const hash = createHash('sha256');
  let bytes = 0;
  const response = await follow(options.url, { signal: options.signal, idleMs: limits.idleMs });
  try {
    await pipeline(
      response,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > limits.bytes) throw failed(options.url, `is over ${limits.bytes} bytes`);
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(options.file, { flags: 'wx', mode: 0o600 }),
      options.signal === undefined ? {} : { signal: options.signal },
    );
  } catch (cause) {
    throw asRefusal(options.url, cause);
  }
  checkLength(options.url, response, bytes);
  const found = hash.digest('hex');
  if (found === options.sha256.toLowerCase()) return;
  throw failed(options.url, `has the SHA-256 ${found}, not ${options.sha256} as asked for`);
}

interface RequestOptions {
  readonly signal: AbortSignal | undefined;
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

function request(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { signal, idleMs } = options;
    const get = url.protocol === 'https:' ? getHttps : getHttp;
    const sent = get(url, { ...(signal && { signal }), agent: false }, resolve);
    sent.setTimeout(idleMs, () =>
      sent.destroy(new Error(`nothing came for ${Math.round(idleMs / 1000)} s`)),
    );
    sent.on('error', (cause) => reject(asRefusal(url.href, cause)));
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

function isLoopback(hostname: string): boolean {
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
  return failed(url, `could not be fetched: ${cause.message}`, cause);
}

function failed(url: string, why: string, cause?: unknown): FleetError {
  return new FleetError('source_invalid', `${shown(new URL(url))} ${why}`, { cause });
}

/** A query may carry a signature and the user part a password. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
