/** What sudoers, systemd and a shell all read as a user's name and nothing else. */
const PLAIN = /^(?=.*[a-z])[A-Za-z_][A-Za-z0-9._-]{0,63}$/;

/**
 * Whether a login name may be in a text that an admin pastes as root. Not all capitals, which is an alias to sudo, and not
 * a digit first, which old systemd does not take as a name, and then uses root.
 */
export function isPlainLogin(user: string): boolean {
  return PLAIN.test(user);
}
