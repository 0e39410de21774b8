import type { Redis } from 'ioredis';
import { replyCode } from './errors.js';

/** How a server is set, as far as its user may see that. */
export interface RedisServer {
  readonly version: string | null;
  /** What it does when its memory is full; null if that cannot be seen. */
  readonly policy: string | null;
  /** Whether it writes each change to its disk; null if that cannot be seen. */
  readonly isAppendOnly: boolean | null;
}

/** INFO has all of it, and needs less rights than CONFIG. A user who may use neither sees nothing. */
export async function readServer(client: Redis): Promise<RedisServer> {
  const info = await ifAllowed(() => client.info());
  const fields = new Map(
    (info ?? '').split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const aof = fields.get('aof_enabled');
  return {
    version: fields.get('redis_version') ?? null,
    policy: fields.get('maxmemory_policy') ?? (await configOf(client, 'maxmemory-policy')),
    isAppendOnly: aof === undefined ? null : aof === '1',
  };
}

async function configOf(client: Redis, name: string): Promise<string | null> {
  const found = await ifAllowed(() => client.config('GET', name));
  const words = Array.isArray(found) ? found : [];
  const value: unknown = words[1];
  return typeof value === 'string' ? value : null;
}

async function ifAllowed<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (replyCode(error) === 'NOPERM' || replyCode(error) === 'ERR') return null;
    throw error;
  }
}
