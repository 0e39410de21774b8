import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { FleetError } from '../../errors/fleet-error.js';
import type { HostName, RunId } from '../../model/names.js';
import {
  broughtRelease,
  endedRun,
  hasSucceeded,
  type KeptRunHosts,
  progressedHosts,
  startedRun,
  storableEvent,
  succeededRelease,
} from '../kept-run.js';
import type { KeptHosts } from '../merge.js';
import type { ReleaseRecord, RunEnd, RunProgress, RunStart } from '../store.js';
import { indexChanges, indexesOfKept, type RedisCommand, type RedisKeys, SCHEMA } from './keys.js';
import { type FoundRun, readRelease, readRunHosts } from './read-run.js';
import { COMMIT, runScript } from './script.js';

/** How often a write begins anew because another process has changed the same run meanwhile. */
const TRIES = 50;
const PAUSE_MS = 5;

/** Words of one command; Lua passes no more than some thousands. */
const PAIRS_AT_ONCE = 500;

export interface RedisWriting {
  readonly client: Redis;
  readonly keys: RedisKeys;
  readonly random: () => number;
}

/** What has to be so still when a write is carried out: a field of a hash, and its value, '' for none. */
interface Guard {
  readonly key: string;
  readonly field: string;
  readonly value: string;
}

interface Change {
  readonly guards: readonly Guard[];
  readonly commands: readonly RedisCommand[];
}

export function writeStart(writing: RedisWriting, start: RunStart): Promise<void> {
  const { client, keys } = writing;
  const { run, app, release } = start;
  return commit(writing, run, async () => {
    const found = await readRunHosts(client, keys, run);
    const after = startedRun(found.kept, start);
    const mark = { guards: [], commands: [['SETNX', keys.schema, SCHEMA]] } as const;
    const change = both(mark, runChange(keys, run, { found, after }));
    if (start.kind !== 'deploy') return change;
    const known = await readRelease(client, keys, { app, id: release.id });
    return both(change, releaseChange(keys, known.json, broughtRelease(known.record, start)));
  });
}

export function writeProgress(
  writing: RedisWriting,
  run: RunId,
  progress: RunProgress,
): Promise<void> {
  const { client, keys } = writing;
  const names = [...new Set(progress.hosts.map(({ host }) => host))];
  return commit(writing, run, async () => {
    const found = await readRunHosts(client, keys, run, names);
    if (found.kept === null) return null;
    const after = { ...found.kept, hosts: progressedHosts(found.kept.hosts, progress.hosts) };
    const change = runChange(keys, run, { found, after });
    // The first one of a stamp stays: a repeat has nothing else.
    const events = progress.events.map(
      (event) =>
        ['HSETNX', keys.events(run), event.stamp, JSON.stringify(storableEvent(event))] as const,
    );
    return both(change, { guards: [], commands: events });
  });
}

export function writeEnd(writing: RedisWriting, run: RunId, end: RunEnd): Promise<void> {
  const { client, keys } = writing;
  return commit(writing, run, async () => {
    const found = await readRunHosts(client, keys, run);
    if (found.kept === null) return null;
    const after = endedRun(found.kept, end);
    if (after === found.kept) return null;
    const change = runChange(keys, run, { found, after });
    const { app, release, endedAt } = after.summary;
    if (!hasSucceeded(after.summary) || endedAt === null) return change;
    const known = await readRelease(client, keys, { app, id: release.id });
    if (known.record === null) return change;
    return both(change, releaseChange(keys, known.json, succeededRelease(known.record, endedAt)));
  });
}

/** Carries out what `propose` makes of the state that it reads, anew as long as that state has changed meanwhile. */
async function commit(
  { client, keys, random }: RedisWriting,
  run: RunId,
  propose: () => Promise<Change | null>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const change = await propose();
    if (change === null || change.commands.length === 0) return;
    const guards = change.guards.flatMap(({ key, field, value }) => [key, field, value]);
    const commands = change.commands.flatMap((words) => [words.length, ...words]);
    const done = await runScript(client, COMMIT, {
      keys: [keys.run(run)],
      args: [change.guards.length, ...guards, ...commands],
    });
    if (done === 1) return;
    await delay(PAUSE_MS * random() * (tries + 1));
  }
  throw new FleetError('history_unavailable', `the record of run ${run} is changed all the time`);
}

const both = (one: Change, other: Change): Change => ({
  guards: [...one.guards, ...other.guards],
  commands: [...one.commands, ...other.commands],
});

function runChange(
  keys: RedisKeys,
  run: RunId,
  { found, after }: { readonly found: FoundRun; readonly after: KeptRunHosts },
): Change {
  const before = found.kept;
  const { summary, startStamp, endStamp } = after;
  const json = JSON.stringify(summary);
  const isSame = before !== null && JSON.stringify(before.summary) === json;
  const hasStamps = before?.startStamp === startStamp && before.endStamp === endStamp;
  const fields = ['summary', json, 'start', startStamp, 'end', endStamp];
  const commands: readonly RedisCommand[] = [
    ...(isSame && hasStamps ? [] : [['HSET', keys.run(run), ...fields] as const]),
    ...hostCommands(keys.hosts(run), before?.hosts ?? new Map(), after.hosts),
    ...indexChanges(
      run,
      before === null ? new Map() : indexesOfKept(keys, before),
      indexesOfKept(keys, after),
    ),
  ];
  const key = keys.run(run);
  return {
    guards: [{ key, field: 'rev', value: found.rev }],
    commands: commands.length === 0 ? [] : [...commands, ['HINCRBY', key, 'rev', 1]],
  };
}

function hostCommands(key: string, before: KeptHosts, after: KeptHosts): readonly RedisCommand[] {
  const jsonOf = (hosts: KeptHosts, host: HostName): string => JSON.stringify(hosts.get(host));
  const gone = [...before.keys()].filter((host) => !after.has(host));
  const changed = [...after.keys()].filter((host) => jsonOf(before, host) !== jsonOf(after, host));
  return [
    ...inParts(gone).map((some) => ['HDEL', key, ...some] as const),
    ...inParts(changed).map(
      (some) => ['HSET', key, ...some.flatMap((host) => [host, jsonOf(after, host)])] as const,
    ),
  ];
}

function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / PAIRS_AT_ONCE);
  return Array.from({ length: count }, (_, part) =>
    all.slice(part * PAIRS_AT_ONCE, (part + 1) * PAIRS_AT_ONCE),
  );
}

/** Two runs may bring the same release at once. */
function releaseChange(keys: RedisKeys, before: string, after: ReleaseRecord): Change {
  const key = keys.releases(after.app);
  const json = JSON.stringify(after);
  return {
    guards: [{ key, field: after.id, value: before }],
    commands: json === before ? [] : [['HSET', key, after.id, json]],
  };
}
