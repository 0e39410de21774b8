import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asHostName } from '../../src/model/names.js';
import { endOf, lineOf, runOn } from './contract/runs.js';
import { historyContract } from './contract/suite.js';
import { writersContract } from './contract/writers.js';
import { openAt } from './support/open-here.js';
import { hasRedis, type RedisServer, SAFE, startRedis } from './support/redis-server.js';

const days = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

describe.skipIf(!hasRedis())('Redis', () => {
  let server: RedisServer;
  let count = 0;
  const fresh = (): string => {
    count += 1;
    return server.url(`t${count}`);
  };
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  historyContract('Redis', () => openAt(fresh()));
  writersContract('Redis', {
    fresh: () => ({ kind: 'url', url: fresh() }),
    async restart() {
      await server.kill();
      await server.start();
    },
  });

  test('is not written by a command that only reads', async () => {
    const store = await openAt(fresh());
    expect(await store.listRuns({ limit: 9 })).toEqual([]);
    expect(server.cli('keys', `{t${count}}*`)).toBe('');
    await store.close();
  });

  test('goes on after a restart of the server, with all that was there', async () => {
    const url = fresh();
    const store = await openAt(url);
    await store.recordStart(runOn(1));
    await server.kill();
    const write = store.recordEnd(runOn(1).run, endOf(runOn(1)));
    await server.start();
    await write;
    expect(await store.getRun(runOn(1).run)).toMatchObject({ state: 'succeeded' });
    await store.close();
  });

  test('answers what narrows the runs from the index that has the fewest, as it does from all', async () => {
    const store = await openAt(fresh());
    for (const day of days(25)) {
      const group = day % 2 === 0 ? 'prod' : 'stage';
      const host = { host: asHostName(`only${day}`), wave: 0, from: null, to: null };
      await store.recordStart(
        runOn(day, { group, hosts: [...runOn(day).hosts, ...(day < 4 ? [host] : [])] }),
      );
    }
    const ask = async (filter: Omit<Parameters<typeof store.listRuns>[0], 'limit'>) =>
      (await store.listRuns({ ...filter, limit: 99 })).map(({ release }) => release.version);
    expect(await ask({ host: 'only2', apps: ['shop'], group: 'prod' })).toEqual(['v2']);
    expect(await ask({ host: 'only2', group: 'stage' })).toEqual([]);
    expect(await ask({ apps: ['shop', 'none'], group: 'stage', state: 'open' })).toHaveLength(13);
    expect(await ask({ apps: ['none'] })).toEqual([]);
    await store.close();
  });

  test('is refused where it may delete keys, or where a newer fleet has written', async () => {
    const url = fresh();
    server.cli('config', 'set', 'maxmemory-policy', 'allkeys-lru');
    await expect((await openAt(url)).listRuns({ limit: 1 })).rejects.toMatchObject({
      code: 'history_unavailable',
      message: expect.stringContaining('allkeys-lru'),
      hint: expect.stringContaining('noeviction'),
    });
    server.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    server.cli('set', `{t${count}}:schema`, '2');
    await expect((await openAt(url)).listRuns({ limit: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('newer fleet (schema 2'),
    });
  });

  test.each([
    ['has no database by that number', '77'],
    ['names a database by a word', 'shop'],
  ])(
    'is refused with its place, and nothing is written elsewhere, where a URL %s',
    async (_, path) => {
      const open = async () =>
        (await openAt(`redis://127.0.0.1:${server.port}/${path}`)).listRuns({ limit: 1 });
      await expect(open()).rejects.toMatchObject({ code: 'history_unavailable' });
      expect(server.cli('exists', '{fleet}:schema')).toBe('0');
    },
  );
});

describe.skipIf(!hasRedis())('a Redis server', () => {
  let server: RedisServer | null = null;
  afterEach(async () => {
    await server?.stop();
    server = null;
  });

  test('that wants a password gets it, and it is in no message', async () => {
    server = await startRedis([...SAFE, '--requirepass', 'hunter2']);
    const at = (login: string) => `redis://${login}127.0.0.1:${server?.port}/0`;
    await expect((await openAt(at(''))).listRuns({ limit: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('NOAUTH'),
      hint: expect.stringContaining('password'),
    });
    const wrong = (await openAt(at(':hunter3@'))).listRuns({ limit: 1 });
    const error = await wrong.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter3');
    const store = await openAt(at(':hunter2@'));
    expect(await store.listRuns({ limit: 1 })).toEqual([]);
    await store.close();
  });

  test('needs to give its user no more rights than the hint says', async () => {
    server = await startRedis();
    const url = `redis://fleet:secret@127.0.0.1:${server.port}/0/ours`;
    server.cli('acl', 'setuser', 'fleet', 'on', '>secret', '-@all');
    const refused = (await openAt(url)).listRuns({ limit: 1 });
    const { hint } = (await refused.catch((thrown: unknown) => thrown)) as {
      readonly hint: string;
    };
    const [, rule = ''] = hint.split('SETUSER fleet ');
    server.cli('acl', 'setuser', 'fleet', ...rule.replaceAll("'", '').split(' '));
    const store = await openAt(url);
    await store.recordStart(runOn(1));
    await store.recordProgress(runOn(1).run, { hosts: [], events: [lineOf(runOn(1), 2)] });
    await store.recordEnd(runOn(1).run, endOf(runOn(1)));
    expect(await store.listRuns({ limit: 9, host: 'web1' })).toHaveLength(1);
    expect(await store.releaseAt({ host: 'web1', at: new Date() })).toHaveLength(1);
    await store.close();
    const other = await openAt(`redis://fleet:secret@127.0.0.1:${server.port}/0/theirs`);
    await expect(other.recordStart(runOn(1))).rejects.toMatchObject({
      code: 'history_unavailable',
    });
    await other.close();
  });

  test('that stops answering is given up after its time, and used again once it answers', async () => {
    server = await startRedis();
    const url = server.url('fleet');
    const store = await openAt(url);
    await store.recordStart(runOn(1));
    server.signal('SIGSTOP');
    const from = performance.now();
    await expect(store.listRuns({ limit: 1 })).rejects.toMatchObject({
      code: 'history_unavailable',
    });
    expect(performance.now() - from).toBeLessThan(15_000);
    server.signal('SIGCONT');
    expect(await store.listRuns({ limit: 1 })).toHaveLength(1);
    await store.close();
  }, 30_000);
});
