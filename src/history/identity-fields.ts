import type { Identity } from '../model/identity.js';

/**
 * What the system says of a person, beside the name that the environment gives; `-` for nothing. So
 * a name that is somebody else's is seen for what it is.
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
