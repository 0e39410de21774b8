import type { RunId } from '../../model/names.js';
import type { KeptRunHosts } from '../kept-run.js';
import type { RunSummary } from '../store.js';

/** The version of the keys. */
export const SCHEMA = 1;

/** The keys of one history. All have the same hash tag, so that a cluster keeps them together. */
export interface RedisKeys {
  readonly schema: string;
  /** A hash: `summary`, `start` and `end` (stamps), `rev`, which grows with each write. */
  run(run: string): string;
  /** A hash from host to JSON. */
  hosts(run: string): string;
  /** A hash from stamp to JSON. */
  events(run: string): string;
  /** A hash from kind to JSON. */
  shared(run: string): string;
  /** A hash from release to JSON. */
  releases(app: string): string;
  /** Sorted sets of runs, all with score 0: their order is that of their ids, and so of time. */
  readonly runs: string;
  readonly open: string;
  ofApp(app: string): string;
  ofGroup(group: string): string;
  ofHost(host: string): string;
  /** A sorted set of runs by the millisecond of their start. */
  readonly started: string;
  /** What all keys begin with. */
  readonly prefix: string;
}

export function redisKeys(name: string): RedisKeys {
  const prefix = `{${name}}:`;
  return {
    prefix,
    schema: `${prefix}schema`,
    run: (run) => `${prefix}run:${run}`,
    hosts: (run) => `${prefix}hosts:${run}`,
    events: (run) => `${prefix}events:${run}`,
    shared: (run) => `${prefix}shared:${run}`,
    releases: (app) => `${prefix}releases:${app}`,
    runs: `${prefix}runs`,
    open: `${prefix}open`,
    ofApp: (app) => `${prefix}app:${app}`,
    ofGroup: (group) => `${prefix}group:${group}`,
    ofHost: (host) => `${prefix}host:${host}`,
    started: `${prefix}started`,
  };
}

/** Where a run is found: each index with the score that it has there. */
function indexesOf(
  keys: RedisKeys,
  { summary, hosts }: { readonly summary: RunSummary; readonly hosts: Iterable<string> },
): ReadonlyMap<string, number> {
  const { app, group, startedAt, endedAt } = summary;
  return new Map([
    [keys.runs, 0],
    [keys.ofApp(app), 0],
    [keys.ofGroup(group), 0],
    ...(endedAt === null ? [[keys.open, 0] as const] : []),
    [keys.started, scoreOf(startedAt)],
    ...[...hosts].map((host) => [keys.ofHost(host), 0] as const),
  ]);
}

export const indexesOfKept = (keys: RedisKeys, kept: KeptRunHosts): ReadonlyMap<string, number> =>
  indexesOf(keys, { summary: kept.summary, hosts: kept.hosts.keys() });

const scoreOf = (time: string): number => {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? 0 : ms;
};

export type RedisCommand = readonly [string, ...(string | number)[]];

/** What brings the indexes from one state of a run to the next. */
export function indexChanges(
  run: RunId,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly RedisCommand[] {
  return [
    ...[...before.keys()].flatMap((key) => (after.has(key) ? [] : [['ZREM', key, run] as const])),
    ...[...after].flatMap(([key, score]) =>
      before.get(key) === score ? [] : [['ZADD', key, score, run] as const],
    ),
  ];
}
