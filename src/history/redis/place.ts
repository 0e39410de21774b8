import { FleetError } from '../../errors/fleet-error.js';
import { type HistoryServer, serverText } from '../../model/history/history-url.js';

/** Where on its server a history in Redis is. */
export interface RedisPlace {
  /** The number of the database. */
  readonly db: number;
  /** What its keys begin with, in braces. */
  readonly name: string;
}

const PATH = /^(?<db>\d{0,5})(?:\/(?<name>[\w.-]{1,64}))?$/;

/** From the path of its URL, `DB` or `DB/NAME`. Throws `history_unavailable`. */
export function redisPlace(server: HistoryServer): RedisPlace {
  const found = PATH.exec(server.database)?.groups;
  if (found !== undefined) return { db: Number(found.db), name: found.name ?? 'fleet' };
  throw new FleetError(
    'history_unavailable',
    `the history in ${serverText(server)} names no database by its number`,
    { hint: 'Write rediss://HOST/0, or rediss://HOST/0/NAME for one of several histories there.' },
  );
}
