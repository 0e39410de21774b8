import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { RunId } from '../../model/names.js';
import { keptHostOf, releaseRecordOf, stampedEventOf, summaryOf } from '../kept-json.js';
import {
  byDeployDown,
  byRunDown,
  type HostInRun,
  hostResults,
  isAskedFor,
  isInPeriod,
  outcomesOf,
  releasesAt,
  timeline,
} from '../kept-questions.js';
import { MATCHES_NAMED, unknownRun } from '../run-reference.js';
import type {
  HostAt,
  HostRelease,
  ReleaseRecord,
  RunDetails,
  RunFilter,
  RunOutcome,
  RunPeriod,
  RunSummary,
} from '../store.js';
import type { RedisKeys } from './keys.js';
import type { UseRedis } from './link.js';
import { PAGE, runScript } from './script.js';

/** How many runs one answer has, if more are looked at than are shown. */
const RUNS_AT_ONCE = 1_000;

/** Where a history is read. */
export interface RedisReading {
  readonly use: UseRedis;
  readonly keys: RedisKeys;
}

export async function listRuns(
  reading: RedisReading,
  filter: RunFilter,
): Promise<readonly RunSummary[]> {
  const { limit, before } = filter;
  const runs: RunSummary[] = [];
  const isNarrow = Object.keys(filter).length > 1;
  const pages = pagesOf(reading, await narrowestIndex(reading, filter), {
    below: before === undefined ? '+' : `(${before}`,
    atOnce: isNarrow ? RUNS_AT_ONCE : limit,
  });
  for await (const page of pages) {
    for (const run of page) {
      if (!isAskedFor(run, filter)) continue;
      runs.push(run);
      if (runs.length >= limit) return runs;
    }
  }
  return runs;
}

/** Of the indexes in which all runs asked for are, the one with the fewest. */
async function narrowestIndex(
  { use, keys }: RedisReading,
  { apps, group, host, state }: Partial<RunFilter>,
): Promise<string> {
  const [app, ...otherApps] = apps ?? [];
  const indexes = [
    ...(host === undefined ? [] : [keys.ofHost(host)]),
    ...(state === 'open' ? [keys.open] : []),
    ...(app === undefined || otherApps.length > 0 ? [] : [keys.ofApp(app)]),
    ...(group === undefined ? [] : [keys.ofGroup(group)]),
  ];
  if (indexes.length < 2) return indexes[0] ?? keys.runs;
  const sizes = await use((client) => Promise.all(indexes.map((key) => client.zcard(key))));
  return indexes[sizes.indexOf(Math.min(...sizes))] ?? keys.runs;
}

/** The runs of an index, newest first, a page at a time. */
async function* pagesOf(
  { use, keys }: RedisReading,
  index: string,
  {
    below,
    atOnce,
    from = '-',
  }: { readonly below: string; readonly atOnce: number; readonly from?: string },
): AsyncGenerator<readonly RunSummary[]> {
  let bound = below;
  for (;;) {
    const args = [bound, from, atOnce, keys.run('')];
    const found = await use((client) => runScript(client, PAGE, { keys: [index], args }));
    const words = texts.parse(found);
    const ids = words.filter((_, at) => at % 2 === 0);
    yield words.flatMap((json, at) => (at % 2 === 0 || json === '' ? [] : [summaryOf(json)]));
    if (ids.length < atOnce) return;
    bound = `(${ids.at(-1)}`;
  }
}

const texts = z.array(z.string());

export async function getRun({ use, keys }: RedisReading, reference: string): Promise<RunDetails> {
  return use(async (client) => {
    const run = await whichRun(client, keys, reference);
    const [summary, hosts, events] = await Promise.all([
      client.hget(keys.run(run), 'summary'),
      client.hvals(keys.hosts(run)),
      client.hvals(keys.events(run)),
    ]);
    if (summary === null) throw unknownRun(reference, []);
    return {
      ...summaryOf(summary),
      hosts: hostResults(hosts.map(keptHostOf)),
      events: timeline(events.map(stampedEventOf)),
    };
  });
}

async function whichRun(client: Redis, keys: RedisKeys, reference: string): Promise<string> {
  if (reference === '') throw unknownRun(reference, []);
  if ((await client.zscore(keys.runs, reference)) !== null) return reference;
  // The bytes of a text never have 0xff.
  const above = Buffer.concat([Buffer.from(`(${reference}`), Buffer.from([0xff])]);
  const range = [keys.runs, above, `[${reference}`] as const;
  const found = await client.zrevrangebylex(...range, 'LIMIT', 0, MATCHES_NAMED);
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) throw unknownRun(reference, found);
  return only;
}

/** Newest first. */
export async function listReleases(
  { use, keys }: RedisReading,
  app: string,
): Promise<readonly ReleaseRecord[]> {
  const found = await use((client) => client.hvals(keys.releases(app)));
  return found.map(releaseRecordOf).toSorted(byDeployDown);
}

export async function releaseAt(
  reading: RedisReading,
  question: HostAt,
): Promise<readonly HostRelease[]> {
  const { use, keys } = reading;
  const index = keys.ofHost(question.host);
  const found: HostInRun[] = [];
  for await (const runs of pagesOf(reading, index, { below: '+', atOnce: RUNS_AT_ONCE })) {
    const hosts = await use((client) =>
      Promise.all(runs.map(({ run }) => client.hget(keys.hosts(run), question.host))),
    );
    for (const [at, run] of runs.entries()) {
      const json = hosts[at];
      if (json != null) found.push({ run, kept: keptHostOf(json) });
    }
  }
  return releasesAt(found, question);
}

/** Oldest start first. What begins while this is read may be left out. */
export async function* runsBetween(
  { use, keys }: RedisReading,
  period: RunPeriod,
): AsyncGenerator<RunOutcome> {
  const from = period.since?.getTime() ?? '-inf';
  const to = period.until === undefined ? '+inf' : `(${period.until.getTime()}`;
  const runs = await use((client) => client.zrangebyscore(keys.started, from, to));
  for (let at = 0; at < runs.length; at += RUNS_AT_ONCE) {
    const some = runs.slice(at, at + RUNS_AT_ONCE);
    yield* (await summariesOf({ use, keys }, some, period)).values();
  }
}

async function summariesOf(
  { use, keys }: RedisReading,
  ids: readonly string[],
  period: RunPeriod,
): Promise<readonly RunOutcome[]> {
  return use(async (client) => {
    const found = await Promise.all(ids.map((run) => client.hget(keys.run(run), 'summary')));
    const runs = found
      .flatMap((json) => (json === null ? [] : [summaryOf(json)]))
      .filter((run) => isInPeriod(run, period));
    const hosts = await Promise.all(runs.map(({ run }) => client.hvals(keys.hosts(run))));
    return runs.map((run, at) => ({
      ...run,
      outcomes: outcomesOf((hosts[at] ?? []).map(keptHostOf)),
    }));
  });
}

export async function listOpenRuns(
  reading: RedisReading,
  { app, group }: { readonly app?: string; readonly group?: string },
): Promise<readonly RunSummary[]> {
  const open: RunSummary[] = [];
  const pages = pagesOf(reading, reading.keys.open, { below: '+', atOnce: RUNS_AT_ONCE });
  for await (const page of pages) open.push(...page);
  const period = { ...(app === undefined ? {} : { apps: [app] }), group };
  return open.filter((run) => isInPeriod(run, period)).toSorted(byRunDown);
}

export async function getShared({ use, keys }: RedisReading, run: RunId) {
  const found = await use((client) => client.hgetall(keys.shared(run)));
  return Object.entries(found)
    .map(([kind, json]) => ({ kind, json }))
    .toSorted((one, other) => (one.kind < other.kind ? -1 : 1));
}
