import type { Redis } from 'ioredis';
import { FleetError } from '../../errors/fleet-error.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { redisKeys } from './keys.js';
import { type RedisLink, redisLink } from './link.js';
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
import { redisTarget } from './target.js';
import { type RedisWriting, writeEnd, writeProgress, writeStart } from './write.js';

/** The version of the keys. */
const SCHEMA = 1;

/**
 * Opens the history on a Redis server. Throws `history_unavailable`: for a server that cannot be reached or used, that may
 * drop keys when its memory is full, or that a newer fleet has used.
 */
export async function openRedisHistory(
  url: string,
  { random }: HistoryDeps,
): Promise<HistoryStore> {
  const link = redisLink(redisTarget(url), random);
  try {
    await checkServer(link);
    return redisStore(link, random);
  } catch (error) {
    link.close();
    throw error;
  }
}

async function checkServer(link: RedisLink): Promise<void> {
  const { target } = link;
  const { where } = target;
  const { schema } = redisKeys(target.name);
  const found = await link.use(async (client) => {
    const { policy } = await readServer(client);
    if (policy !== null && policy !== 'noeviction') throw evicts(where, policy);
    await client.setnx(schema, SCHEMA);
    return Number(await client.get(schema));
  });
  if (found <= SCHEMA) return;
  throw new FleetError(
    'history_unavailable',
    `the history in ${where} was written by a newer fleet (schema ${found}, this one knows ${SCHEMA})`,
    { hint: 'Upgrade fleet on this machine, or set another history in fleet.yaml.' },
  );
}

const evicts = (where: string, policy: string): FleetError =>
  new FleetError(
    'history_unavailable',
    `the history in ${where} would lose runs: when its memory is full, the server deletes keys (maxmemory-policy ${policy})`,
    { hint: 'On the server: CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.' },
  );

function redisStore(link: RedisLink, random: () => number): HistoryStore {
  const keys = redisKeys(link.target.name);
  const reading = { link, keys };
  const write = (work: (writing: RedisWriting) => Promise<void>): Promise<void> =>
    link.use((client: Redis) => work({ client, keys, random }));
  return {
    recordStart: (start) => write((writing) => writeStart(writing, start)),
    recordProgress: (run, progress) => write((writing) => writeProgress(writing, run, progress)),
    recordEnd: (run, end) => write((writing) => writeEnd(writing, run, end)),
    listRuns: (filter) => listRuns(reading, filter),
    getRun: (reference) => getRun(reading, reference),
    listReleases: (app) => listReleases(reading, app),
    releaseAt: (question) => releaseAt(reading, question),
    runsBetween: (period) => runsBetween(reading, period),
    listOpenRuns: (filter) => listOpenRuns(reading, filter),
    putShared: (run, { kind, json }) =>
      write(async ({ client }) => void (await client.hset(keys.shared(run), kind, json))),
    getShared: (run) => getShared(reading, run),
    removeShared: (run) => write(async ({ client }) => void (await client.del(keys.shared(run)))),
    close: async () => link.close(),
  };
}
