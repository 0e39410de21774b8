import type { HostFacts } from '../../host/protocol/protocol.js';
import type { Host } from '../../model/hosts/host.js';
import { isPlainLogin } from '../../model/hosts/login.js';
import type { ReadHost } from './host-reading.js';

/**
 * Why a host's login is not the user of the inventory, as far as it says; null if nothing contradicts
 * it. fleet shows no command for an admin of such a host: it would be for another user.
 */
export function loginDoubt(
  { name, ssh }: Host,
  facts: Pick<HostFacts, 'user' | 'uid'>,
): string | null {
  const { user, uid } = facts;
  const asked = `the inventory's user for ${name} is ${ssh.user}`;
  if (user !== null && user !== ssh.user) {
    return `${asked}, and its answer has user ${isPlainLogin(user) ? user : 'with odd characters'}`;
  }
  if ((uid === 0) !== (ssh.user === 'root')) return `${asked}, and its answer has uid ${uid}`;
  return null;
}

/** Whether a command for an admin may be composed for this host's login. */
export const trusted = ({ host, facts }: ReadHost): boolean => loginDoubt(host, facts) === null;
