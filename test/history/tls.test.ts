import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOn } from './contract/runs.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { freePort } from './support/database-server.js';
import { hasMariadb, startMariadb } from './support/mariadb-server.js';
import { openAt } from './support/open-here.js';
import { hasPostgres, startPostgres } from './support/postgres-server.js';
import { hasRedis, type RedisServer, SAFE, startRedis } from './support/redis-server.js';

const refused = { code: 'history_unavailable' };

/** A server with the URL of a database that is empty. */
interface Served {
  freshUrl(): string;
  stop(): Promise<void>;
}

const served = ({ stop }: RedisServer, url: string): Served => ({ freshUrl: () => url, stop });

async function startRedisWithTls({ cert, key }: Certificates): Promise<Served> {
  const port = await freePort();
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const flags = ['--tls-port', `${port}`, ...files, '--tls-auth-clients', 'no'];
  const server = await startRedis([...SAFE, ...flags]);
  return served(server, `rediss://127.0.0.1:${port}/0`);
}

async function startRedisWithout(): Promise<Served> {
  const server = await startRedis();
  return served(server, `rediss://127.0.0.1:${server.port}/0`);
}

const servers: readonly {
  readonly name: string;
  readonly has: () => boolean;
  readonly owner: string;
  readonly start: (files: Certificates) => Promise<Served>;
  readonly plain: () => Promise<Served>;
}[] = [
  {
    name: 'PostgreSQL',
    has: hasPostgres,
    owner: 'postgres',
    start: ({ cert, key }: Certificates) =>
      startPostgres(['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`]),
    plain: () => startPostgres(),
  },
  {
    name: 'MariaDB',
    has: hasMariadb,
    owner: 'root',
    start: ({ cert, key }: Certificates) =>
      startMariadb([`--ssl-cert=${cert}`, `--ssl-key=${key}`]),
    plain: () => startMariadb(['--skip-ssl']),
  },
  {
    name: 'Redis',
    has: hasRedis,
    owner: 'root',
    start: startRedisWithTls,
    plain: startRedisWithout,
  },
];

describe.each(servers)('$name with TLS', ({ has, owner, start, plain }) => {
  let files: Certificates;
  let server: Served;
  let url: string;
  beforeAll(async () => {
    if (!has()) return;
    files = makeCertificates(owner);
    server = await start(files);
    url = server.freshUrl().replace('127.0.0.1', 'localhost');
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    if (files !== undefined) rmSync(files.folder, { recursive: true });
  });

  test.runIf(has())('is used if an authority that is trusted has signed its name', async () => {
    const store = await openAt(`${url}?ca=${files.ca}`);
    await store.recordStart(runOn(1));
    expect(await store.listRuns({ limit: 9 })).toHaveLength(1);
    await store.close();
  });

  test.runIf(has())('is refused if its authority is not known, with the remedy', async () => {
    const store = await openAt(`${url}?tls=1`);
    await expect(store.listRuns({ limit: 9 })).rejects.toMatchObject({
      ...refused,
      hint: expect.stringContaining('?ca='),
    });
    await store.close();
  });

  test.runIf(has())('is refused under another name than that of its certificate', async () => {
    const store = await openAt(`${url.replace('localhost', '127.0.0.1')}?ca=${files.ca}`).catch(
      (error: unknown) => ({ listRuns: () => Promise.reject(error), close: async () => undefined }),
    );
    await expect(store.listRuns({ limit: 9 })).rejects.toMatchObject(refused);
    await store.close();
  });

  test.runIf(has())(
    'is refused if it has none and TLS is asked for',
    async () => {
      const clear = await plain();
      const from = clear.freshUrl().replace('127.0.0.1', 'localhost');
      const store = await openAt(`${from}?ca=${files.ca}`);
      await expect(store.listRuns({ limit: 9 })).rejects.toMatchObject({
        ...refused,
        hint: expect.stringContaining('Turn TLS on'),
      });
      await store.close();
      await clear.stop();
    },
    60_000,
  );
});
