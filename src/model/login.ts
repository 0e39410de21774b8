/** What sudoers, systemd and a shell all read as a user's name and as nothing else. */
const PLAIN = /^(?=.*[a-z])[A-Za-z_][A-Za-z0-9._-]{0,63}$/;

/**
 * Whether a login's name may stand in what an admin pastes as root. Not in capitals alone, which is an
 * alias to sudo, and not with a digit first, which old systemd takes for no name and so for root.
 */
export function isPlainLogin(user: string): boolean {
  return PLAIN.test(user);
}
