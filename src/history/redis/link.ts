import type { Redis } from 'ioredis';
import { FleetError } from '../../errors/fleet-error.js';
import type { HistoryServer } from '../../model/history/history-url.js';
import { connectRedis } from './connect.js';
import { bareError, redisFault, replyCode } from './errors.js';
import type { RedisPlace } from './place.js';

/** Does a piece of work with a connection. */
export type UseRedis = <T>(work: (client: Redis) => Promise<T>) => Promise<T>;

/** A connection to one server, made when it is used, and again after it was lost. */
export interface RedisLink {
  /** Rejects with a {@link bareError}. */
  readonly use: UseRedis;
  close(): void;
}

export function redisLink(server: HistoryServer, place: RedisPlace): RedisLink {
  const end = new AbortController();
  let client: Promise<Redis> | null = null;

  function drop(failed: Promise<Redis>): void {
    if (client === failed) client = null;
    failed.then(
      (each) => each.disconnect(),
      () => undefined,
    );
  }

  return {
    async use(work) {
      client ??= connectRedis(server, place, end.signal);
      const using = client;
      try {
        return await work(await using);
      } catch (error) {
        if (error instanceof FleetError) throw error;
        // After the answer of a server that works, its connection is as good as before.
        if (replyCode(error) === '' || redisFault(error) !== 'final') drop(using);
        throw bareError(error);
      }
    },
    close() {
      end.abort(new Error('the history was closed'));
      if (client !== null) drop(client);
    },
  };
}
