import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Identity } from '../../model/hosts/identity.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the audit subsystem shows for a session that started without a login. */
const NO_LOGIN = 4_294_967_295;

/** Who runs this process, and by what name. */
export function processIdentity(env: Environment): Identity {
  const account = accountName();
  const uid = process.getuid?.() ?? null;
  const name = filled(env.FLEET_OPERATOR) ?? personName(env, account, uid);
  return {
    operator: `${name}@${hostname()}`,
    account,
    uid,
    loginUid: loginUid(),
    sudoUser: filled(env.SUDO_USER) ?? null,
  };
}

/** The login name of the person, as far as the environment has it. */
export function personName(
  env: Environment,
  account: string | null = accountName(),
  uid: number | null = process.getuid?.() ?? null,
): string {
  return (
    filled(env.SUDO_USER) ?? filled(env.LOGNAME) ?? filled(env.USER) ?? account ?? `uid-${uid}`
  );
}

/** An empty variable counts as not set. */
export function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** Null in a container that runs under a uid without an account. */
function accountName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

function loginUid(): number | null {
  try {
    const said = Number(readFileSync('/proc/self/loginuid', 'utf8').trim());
    return Number.isSafeInteger(said) && said !== NO_LOGIN ? said : null;
  } catch {
    return null;
  }
}
