import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import { redisKeys } from './keys.js';
import type { RedisTarget } from './target.js';

/**
 * A failure in words, with the remedy. It has no cause: an error of ioredis has the arguments of its command, and so a
 * password.
 */
export function redisUnavailable(target: RedisTarget, error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  const why = reasonOf(error);
  return new FleetError(
    'history_unavailable',
    `the history in ${target.where} cannot be used: ${why}`,
    { hint: remedy(target, error instanceof Error ? error : new Error(why)) },
  );
}

/** The rights that fleet needs on a server. */
export const aclRule = ({ name }: Pick<RedisTarget, 'name'>): string =>
  `~${redisKeys(name).prefix}* +@read +@write +@scripting +@connection +info`;

function remedy(target: RedisTarget, error: Error): string {
  switch (replyCode(error)) {
    case 'NOAUTH':
    case 'WRONGPASS':
      return 'Check the user and the password in the address of the history.';
    case 'NOPERM':
      return `On the server: ACL SETUSER ${target.username ?? 'fleet'} ${aclRule(target)}`;
    case 'OOM':
      return 'The memory of the server is full: raise its maxmemory.';
    case 'MISCONF':
      return 'The server cannot write to its disk: free some space there.';
    case 'READONLY':
      return 'This is a replica: give the address of the primary server.';
    case 'LOADING':
      return 'The server has just started and reads its data; try again.';
    default:
      return /certificate|self.signed|altnames/i.test(error.message)
        ? 'Name the certificate of your authority in the address: ?ca=/path/ca.pem'
        : 'Check that the server runs and can be reached from this machine.';
  }
}

/** The first word of an answer that is an error: its kind. */
export const replyCode = (error: unknown): string =>
  error instanceof Error ? (/^-?([A-Z]{2,}) /.exec(error.message)?.[1] ?? '') : '';
