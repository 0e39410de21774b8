import { afterAll, beforeAll, describe } from 'vitest';
import { historyContract } from './contract/suite.js';
import { writersContract } from './contract/writers.js';
import type { DatabaseServer } from './support/database-server.js';
import { hasMariadb, startMariadb } from './support/mariadb-server.js';
import { openAt } from './support/open-here.js';

let server: DatabaseServer;

describe.skipIf(!hasMariadb())('MariaDB', () => {
  beforeAll(async () => {
    server = await startMariadb();
  }, 60_000);
  afterAll(() => server?.stop());

  historyContract('MariaDB', () => openAt(server.emptyUrl()));
  writersContract('MariaDB', {
    fresh: () => ({ kind: 'url', url: server.freshUrl() }),
    async restart() {
      await server.kill();
      await server.start();
    },
  });
});
