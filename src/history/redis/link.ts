import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { FleetError } from '../../errors/fleet-error.js';
import { connectRedis } from './connect.js';
import { redisUnavailable, replyCode } from './errors.js';
import type { RedisTarget } from './target.js';

/** How long it goes on trying when a connection is lost, and how long it waits between tries. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** Answers of a server that starts, or that is a replica until it takes over. */
const PASSING: ReadonlySet<string> = new Set(['LOADING', 'MASTERDOWN', 'READONLY', 'TRYAGAIN']);

/** A connection to one server, made again where it is lost. */
export interface RedisLink {
  readonly target: RedisTarget;
  /** Does a piece of work, which may be done twice. Rejects with `history_unavailable`. */
  use<T>(work: (client: Redis) => Promise<T>): Promise<T>;
  close(): void;
}

export function redisLink(target: RedisTarget, random: () => number): RedisLink {
  const end = new AbortController();
  let client: Promise<Redis> | null = null;

  const connected = (): Promise<Redis> => {
    client ??= connectRedis(target, end.signal);
    return client;
  };
  const drop = (failed: Promise<Redis>): void => {
    if (client === failed) client = null;
    failed.then(
      (each) => each.disconnect(),
      () => undefined,
    );
  };

  async function tryOnce<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const using = connected();
    let isOurs = false;
    try {
      const ready = await using;
      isOurs = true;
      return await work(ready);
    } catch (error) {
      const isAnswer = isOurs && replyCode(error) !== '' && !PASSING.has(replyCode(error));
      if (!isAnswer && !(error instanceof FleetError)) drop(using);
      throw error;
    }
  }

  return {
    target,
    async use(work) {
      const until = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          return await tryOnce(work);
        } catch (error) {
          const left = until - performance.now();
          if (!isPassing(error) || left <= 0 || end.signal.aborted) {
            throw redisUnavailable(target, error);
          }
        }
        await delay(PAUSE_MS * (0.5 + random()));
      }
    },
    close() {
      end.abort(new Error('the history was closed'));
      if (client !== null) drop(client);
    },
  };
}

/** A server that hangs is not asked again: it hangs. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/timed out|no answer within/i.test(error.message)) return false;
  const code = replyCode(error);
  return code === '' ? isLostConnection(error) : PASSING.has(code);
}

function isLostConnection(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ECONNABORTED)$/.test(code) ||
    /Connection is closed|isn't writeable|max retries/i.test(error.message)
  );
}
