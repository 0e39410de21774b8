import { afterAll, beforeAll, describe } from 'vitest';
import { historyContract } from './contract/suite.js';
import { writersContract } from './contract/writers.js';
import type { DatabaseServer } from './support/database-server.js';
import { openAt } from './support/open-here.js';
import { hasPostgres, startPostgres } from './support/postgres-server.js';

let server: DatabaseServer;

describe.skipIf(!hasPostgres())('PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());

  historyContract('PostgreSQL', () => openAt(server.emptyUrl()));
  writersContract('PostgreSQL', {
    fresh: () => ({ kind: 'url', url: server.freshUrl() }),
    async restart() {
      await server.kill();
      await server.start();
    },
  });
});
