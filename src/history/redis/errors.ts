import { reasonOf } from '../../errors/reason.js';
import type { HistoryServer } from '../../model/history/history-url.js';
import { errorCode, type Fault, networkFault } from '../server/fault.js';
import { redisKeys } from './keys.js';
import type { RedisPlace } from './place.js';

/** Answers of a server that starts, or that is a replica until it takes over: nothing was written. */
const PASSING: ReadonlySet<string> = new Set(['LOADING', 'MASTERDOWN', 'TRYAGAIN', 'BUSY']);

export function redisFault(error: unknown): Fault {
  const reply = replyCode(error);
  if (PASSING.has(reply)) return 'conflict';
  // Another server may be the primary by now.
  if (reply === 'READONLY') return 'lost';
  if (reply !== '') return 'final';
  if (/Connection is closed|isn't writeable|max retries/i.test(reasonOf(error))) return 'lost';
  // A server that hangs is not asked again: it hangs.
  return networkFault(error) ?? 'final';
}

/** The first word of an answer that is an error: its kind. */
export const replyCode = (error: unknown): string =>
  error instanceof Error && errorCode(error) === ''
    ? (/^-?([A-Z]{2,}) /.exec(error.message)?.[1] ?? '')
    : '';

/**
 * The error that a person may see. An error of ioredis has the arguments of its command in it, and so what was to be
 * written, or a password.
 */
export function bareError(error: unknown): Error {
  const code = errorCode(error);
  return Object.assign(new Error(reasonOf(error)), code === '' ? {} : { code });
}

/** The rights that fleet needs on a server. */
const aclRule = ({ name }: RedisPlace): string =>
  `~${redisKeys(name).prefix}* +@read +@write +@scripting +@connection +info`;

/** A server without TLS waits for the rest of what it takes for a command. */
const WITHOUT_TLS =
  'Turn TLS on in the server, if it is off: then it does not answer. Else check the network on the way.';

const isLate = (error: unknown): boolean =>
  error instanceof Error && /^no answer within|ETIMEDOUT/.test(error.message);

export const redisRemedy =
  ({ user, tls }: HistoryServer, place: RedisPlace) =>
  (error: unknown): string | null => {
    if (tls !== null && isLate(error)) return WITHOUT_TLS;
    switch (replyCode(error)) {
      case 'NOAUTH':
      case 'WRONGPASS':
        return 'Check the user and the password in the URL of the history.';
      case 'NOPERM':
        return `On the server: ACL SETUSER ${user ?? 'default'} '${aclRule(place).replaceAll(' ', "' '")}'`;
      case 'OOM':
        return 'The memory of the server is full: raise its maxmemory.';
      case 'MISCONF':
        return 'The server cannot write to its disk: free some space there.';
      case 'READONLY':
        return 'This is a replica: name the primary server in the URL of the history.';
      case 'LOADING':
        return 'The server has just started and reads its data; try again.';
      default:
        return null;
    }
  };
