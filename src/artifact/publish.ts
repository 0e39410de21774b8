import { createReadStream } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { ChildFailure, childOutput } from '../async/child-output.js';
import { FleetError } from '../errors/fleet-error.js';
import { printableLine } from '../errors/printable.js';
import { isLoopback } from './download.js';

/** A packed release that hosts are to fetch. */
export interface Published {
  readonly archivePath: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `sha256:<hex>` of the release. */
  readonly digest: string;
}

export interface PublishOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** How long the server may say nothing. */
const SILENCE_MS = 60_000;

/** Puts an archive to an https URL, such as a presigned one. Throws `pull_failed`; the URL is shown without its query. */
export async function putArchive(
  archive: Published,
  url: string,
  { signal }: PublishOptions,
): Promise<void> {
  if (!isSafe(url)) throw failed('the URL to put the archive to is not an https URL');
  const { host, pathname } = new URL(url);
  const status = await send(archive, url, signal).catch((cause: unknown) => {
    if (signal.aborted || !(cause instanceof Error)) throw cause;
    throw failed(`${host}${pathname}: ${printableLine(cause.message)}`, cause);
  });
  if (status < 200 || status > 299) throw failed(`${host}${pathname} answered ${status}`);
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function send(
  { archivePath, bytes }: Published,
  url: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': bytes, 'content-type': 'application/octet-stream' };
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const sent = request(url, { method: 'PUT', headers, signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error('the server does not answer')));
    // A server that refuses it answers before it has all.
    pipeline(createReadStream(archivePath), sent).catch(reject);
  });
}

/**
 * Runs the command that uploads an archive, by sh, with `FLEET_ARCHIVE`, `FLEET_SHA256`, `FLEET_BYTES` and
 * `FLEET_DIGEST`. Throws `pull_failed` with its last line on stderr.
 */
export async function uploadArchive(
  { archivePath, bytes, sha256, digest }: Published,
  command: string,
  { env, signal }: PublishOptions,
): Promise<void> {
  const own = {
    FLEET_ARCHIVE: archivePath,
    FLEET_SHA256: sha256,
    FLEET_BYTES: String(bytes),
    FLEET_DIGEST: digest,
  };
  const child = { command: 'sh', args: ['-c', command], env: { ...env, ...own }, signal };
  try {
    for await (const _ of childOutput(child));
  } catch (cause) {
    if (!(cause instanceof ChildFailure)) throw cause;
    const said = cause.stderr.trim().split('\n').at(-1) ?? '';
    const why = said === '' ? `exit ${cause.code}` : printableLine(said);
    throw failed(`the command of release.pull.upload failed: ${why}`, cause);
  }
}

function failed(message: string, cause?: unknown): FleetError {
  return new FleetError('pull_failed', `the archive was not put where hosts fetch it: ${message}`, {
    cause,
  });
}
