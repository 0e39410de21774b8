/**
 * Whether systemctl may be called for the units, as the host program judges it by what sudo lists:
 * `root` and `user` need no sudo; `password`, a rule allows it, with one; `overruled`, so does a later rule
 * than the one that wants none; `denied`, no rule allows it; `unlisted`, sudo wants a password to list the
 * rules at all; `tty`, it wants a terminal; `no_command`, it does not find systemctl; `absent`, there is no
 * sudo; `unknown`, what it lists leaves it open.
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
 * Where systemctl may be for a line of sudoers to name it: folders that only root writes. A host says
 * which of them it is, and never another.
 */
export const COMMAND_FOLDERS = ['/usr/bin', '/bin'] as const;

export type CommandFolder = (typeof COMMAND_FOLDERS)[number];

/** What else than sudo a host may have to become root by. */
export const OTHER_WAYS = ['doas', 'run0'] as const;
