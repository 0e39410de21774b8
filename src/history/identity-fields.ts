import type { Identity } from '../model/hosts/identity.js';

/**
 * What the system knows of a person, besides the name from the environment; `-` for nothing. So another person's name is
 * recognised.
 */
export function identityFields(identity: Identity): Readonly<Record<string, string>> {
  const { account, uid, loginUid, sudoUser } = identity;
  return {
    account: account ?? '-',
    uid: `${uid ?? '-'}`,
    login: `${loginUid ?? '-'}`,
    sudo: sudoUser ?? '-',
  };
}
