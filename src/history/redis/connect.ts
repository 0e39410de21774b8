import type { Redis } from 'ioredis';
import { lookUpName } from '../../async/lookup-name.js';
import { withinTime } from '../../async/within-time.js';
import type { RedisTarget } from './target.js';

/** How long a connection may take to be there, and each command to be answered. */
const CONNECT_MS = 5_000;
const COMMAND_MS = 8_000;

/**
 * A new connection to a server, logged in. It is used until it fails, and never connects again: whoever uses it makes
 * another. Rejects with the reason.
 */
export async function connectRedis(target: RedisTarget, outer: AbortSignal): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  return withinTime(
    CONNECT_MS,
    async (signal) => {
      const address = await lookUpName(target.host, signal);
      const client = new Client({
        host: address,
        port: target.port,
        ...(target.username === null ? {} : { username: target.username }),
        ...(target.password === null ? {} : { password: target.password }),
        ...(target.tls === null ? {} : { tls: tlsOf(target, address) }),
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
      });
      let why: Error | null = null;
      // Without a listener, ioredis prints what goes wrong.
      client.on('error', (error: Error) => {
        why = error;
      });
      signal.addEventListener('abort', () => client.status === 'ready' || client.disconnect());
      try {
        await client.connect();
        // Here, because ioredis goes on in database 0 if it may not have this one.
        if (target.db > 0) await client.select(target.db);
        return client;
      } catch (error) {
        client.disconnect();
        throw why ?? error;
      }
    },
    outer,
  );
}

const tlsOf = ({ tls, host }: RedisTarget, address: string) => ({
  ...tls,
  minVersion: 'TLSv1.2' as const,
  // Not for an address: a certificate may have one as well, but the name in TLS may not.
  ...(host === address ? {} : { servername: host }),
});
