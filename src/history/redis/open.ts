import type { Redis } from 'ioredis';
import { FleetError } from '../../errors/fleet-error.js';
import { type HistoryServer, serverText } from '../../model/history/history-url.js';
import { createAttempt } from '../server/attempts.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { redisFault, redisRemedy } from './errors.js';
import { redisKeys, SCHEMA } from './keys.js';
import { redisLink, type UseRedis } from './link.js';
import { type RedisPlace, redisPlace } from './place.js';
import {
  getRun,
  getShared,
  listOpenRuns,
  listReleases,
  listRuns,
  releaseAt,
  runsBetween,
} from './read.js';
import { readServer } from './server.js';
import { writeEnd, writeProgress, writeStart } from './write.js';

/** The connection of a history, with what tells it apart from others on the same server. */
interface RedisHistory {
  readonly place: RedisPlace;
  readonly use: UseRedis;
  close(): void;
}

/** It is connected to, and checked, by the first piece of work. */
function connectHistory(server: HistoryServer, deps: HistoryDeps): RedisHistory {
  const place = redisPlace(server);
  const link = redisLink(server, place);
  const attempt = createAttempt(
    {
      server,
      prepare: () => link.use((client) => checkServer(client, server, place)),
      faultOf: redisFault,
      remedyOf: redisRemedy(server, place),
    },
    deps,
  );
  return { place, use: (work) => attempt(() => link.use(work)), close: link.close };
}

/**
 * A history in Redis 6.2 or later. Its methods reject with `history_unavailable` for a server that cannot be reached or
 * used, that deletes keys when its memory is full, or that a newer fleet has used.
 */
export function openRedisHistory(server: HistoryServer, deps: HistoryDeps): HistoryStore {
  const { place, use, close } = connectHistory(server, deps);
  const keys = redisKeys(place.name);
  const reading = { use, keys };
  const writing = (client: Redis) => ({ client, keys, random: deps.random });
  return {
    recordStart: (start) => use((client) => writeStart(writing(client), start)),
    recordProgress: (run, progress) =>
      use((client) => writeProgress(writing(client), run, progress)),
    recordEnd: (run, end) => use((client) => writeEnd(writing(client), run, end)),
    listRuns: (filter) => listRuns(reading, filter),
    getRun: (reference) => getRun(reading, reference),
    listReleases: (app) => listReleases(reading, app),
    releaseAt: (question) => releaseAt(reading, question),
    runsBetween: (period) => runsBetween(reading, period),
    listOpenRuns: (filter) => listOpenRuns(reading, filter),
    putShared: (run, { kind, json }) =>
      use(async (client) => void (await client.hset(keys.shared(run), kind, json))),
    getShared: (run) => getShared(reading, run),
    removeShared: (run) => use(async (client) => void (await client.del(keys.shared(run)))),
    close: async () => close(),
  };
}

async function checkServer(
  client: Redis,
  server: HistoryServer,
  { name }: RedisPlace,
): Promise<void> {
  const { policy } = await readServer(client);
  if (policy !== null && policy !== 'noeviction') throw evicts(server, policy);
  const { schema } = redisKeys(name);
  const found = Number((await client.get(schema)) ?? SCHEMA);
  if (found <= SCHEMA) return;
  throw new FleetError(
    'history_unavailable',
    `the history in ${serverText(server)} was written by a newer fleet (schema ${found}, this one knows ${SCHEMA})`,
    { hint: 'Upgrade fleet on this machine, or set another history in fleet.yaml.' },
  );
}

const evicts = (server: HistoryServer, policy: string): FleetError =>
  new FleetError(
    'history_unavailable',
    `the history in ${serverText(server)} would lose runs: when its memory is full, the server deletes keys (maxmemory-policy ${policy})`,
    { hint: 'On the server: CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.' },
  );
