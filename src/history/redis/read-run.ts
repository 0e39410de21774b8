import type { Redis } from 'ioredis';
import type { RunId } from '../../model/names.js';
import { keptHostOf, releaseRecordOf, summaryOf } from '../kept-json.js';
import { hostsByName } from '../kept-questions.js';
import type { KeptRunHosts } from '../kept-run.js';
import type { KeptHost } from '../merge.js';
import type { ReleaseRecord } from '../store.js';
import type { RedisKeys } from './keys.js';

/** A run as it was found, and which change of it that is. */
export interface FoundRun {
  /** Null if it is not there. */
  readonly kept: KeptRunHosts | null;
  readonly rev: string;
}

/** A run with its hosts: those that are named, else all. */
export async function readRunHosts(
  client: Redis,
  keys: RedisKeys,
  run: RunId,
  names?: readonly string[],
): Promise<FoundRun> {
  // The change is read first: if the rest is newer, the write is refused.
  const [rev, summary, startStamp, endStamp] = await client.hmget(
    keys.run(run),
    'rev',
    'summary',
    'start',
    'end',
  );
  if (summary == null) return { kept: null, rev: rev ?? '' };
  const hosts = await readHosts(client, keys.hosts(run), names);
  const kept = {
    summary: summaryOf(summary),
    startStamp: startStamp ?? '',
    endStamp: endStamp ?? '',
    hosts: hostsByName(hosts),
  };
  return { kept, rev: rev ?? '' };
}

async function readHosts(
  client: Redis,
  key: string,
  names?: readonly string[],
): Promise<readonly KeptHost[]> {
  if (names === undefined) return (await client.hvals(key)).map(keptHostOf);
  if (names.length === 0) return [];
  const found = await client.hmget(key, ...names);
  return found.flatMap((json) => (json === null ? [] : [keptHostOf(json)]));
}

/** A release as it is kept; '' and null if it is not. */
export async function readRelease(
  client: Redis,
  keys: RedisKeys,
  { app, id }: { readonly app: string; readonly id: string },
): Promise<{ readonly json: string; readonly record: ReleaseRecord | null }> {
  const json = (await client.hget(keys.releases(app), id)) ?? '';
  return { json, record: json === '' ? null : releaseRecordOf(json) };
}
