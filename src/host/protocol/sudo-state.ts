/**
 * Whether systemctl may be called for the units, judged by sudo's own list: `root` and `user` need no sudo;
 * `password`, a rule allows it with a password; `overruled`, a later rule needs a password; `denied`, no rule
 * allows it; `unlisted`, sudo needs a password to list the rules; `tty`, it needs a terminal; `no_command`, it
 * does not find systemctl; `absent`, there is no sudo; `unknown`, the list does not tell.
 */
export const SUDO_STATES = [
  'root',
  'user',
  'ok',
  'password',
  'overruled',
  'denied',
  'unlisted',
  'tty',
  'no_command',
  'absent',
  'unknown',
] as const;

export type SudoState = (typeof SUDO_STATES)[number];

/**
 * Folders in which systemctl may be for a sudoers line: only root can write them. A host names one of them, never
 * another.
 */
export const COMMAND_FOLDERS = ['/usr/bin', '/bin'] as const;

export type CommandFolder = (typeof COMMAND_FOLDERS)[number];

/** Other commands than sudo for becoming root. */
export const OTHER_WAYS = ['doas', 'run0'] as const;
