import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRedisHistory } from '../../src/history/redis/open.js';
import { historyContract } from './contract/suite.js';
import { hasRedis, type RedisServer, startRedis } from './support/redis-server.js';

let server: RedisServer;
let count = 0;
const deps = { now: () => new Date(), random: Math.random };
const fresh = (): string => {
  count += 1;
  return server.url(`t${count}`);
};

describe.skipIf(!hasRedis())('a Redis server', () => {
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  historyContract('redis', () => openRedisHistory(fresh(), deps));
});
