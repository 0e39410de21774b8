import type { Redis } from 'ioredis';
import { lookUpName } from '../../async/lookup-name.js';
import { withinTime } from '../../async/within-time.js';
import type { HistoryServer } from '../../model/history/history-url.js';
import { tlsOptions } from '../server/tls.js';
import type { RedisPlace } from './place.js';

/** How long a connection may take to be there, and each command to be answered. */
const CONNECT_MS = 5_000;
const COMMAND_MS = 8_000;

/**
 * A new connection to a server, logged in. It is used until it fails, and never connects again: whoever uses it makes
 * another. Rejects with the reason.
 */
export async function connectRedis(
  server: HistoryServer,
  place: RedisPlace,
  outer: AbortSignal,
): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  return withinTime(
    CONNECT_MS,
    async (signal) => {
      const address = server.socket ? '' : await lookUpName(server.host, signal);
      const client = new Client({ ...optionsOf(server), ...whereOf(server, address) });
      let why: Error | null = null;
      // Without a listener, ioredis prints what goes wrong.
      client.on('error', (error: Error) => {
        why = error;
      });
      signal.addEventListener('abort', () => client.status === 'ready' || client.disconnect());
      try {
        await client.connect();
        // Here, because ioredis goes on in database 0 if it may not have this one.
        if (place.db > 0) await client.select(place.db);
        return client;
      } catch (error) {
        client.disconnect();
        throw why ?? error;
      }
    },
    outer,
  );
}

function optionsOf({ user, password }: HistoryServer) {
  return {
    ...(user === null ? {} : { username: user }),
    ...(password === null ? {} : { password }),
    connectionName: 'fleet',
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    enableOfflineQueue: false,
    // It asks INFO, which the user of fleet may not have.
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  };
}

function whereOf({ host, port, socket, tls }: HistoryServer, address: string) {
  if (socket) return { path: host };
  // The certificate is of the name, where there is one.
  const name = host === address ? {} : { servername: host };
  return {
    host: address,
    port,
    ...(tls === null ? {} : { tls: { ...tlsOptions(tls), ...name } }),
  };
}
