import { serviceCommands } from '../../host/protocol/service-rights.js';
import { COMMAND_FOLDERS, type CommandFolder } from '../../host/protocol/sudo-state.js';
import { unitFileCommands } from '../../host/protocol/unit-file.js';
import { isPlainLogin } from '../../model/hosts/login.js';
import type { App } from '../../model/runs/app.js';

/**
 * Lines for sudoers, composed here of fleet.yaml and the inventory: an admin pastes them as root, so
 * no word of them comes from a host.
 */
export type Sudoers =
  | { readonly kind: 'line'; readonly line: string }
  /** Why there is no line that would be safe, or right. */
  | { readonly kind: 'none'; readonly why: string };

/**
 * The line by which a run may act on the app's units, and on no others. All words are literal, so
 * that arguments that are split in another way are still one verb and one unit, or nothing that
 * systemctl knows. `folder` is where systemctl is on that host.
 */
export function serviceSudoers(user: string, app: App, folder: CommandFolder | null): Sudoers {
  if (folder === null) return none(`systemctl is in none of ${COMMAND_FOLDERS.join(', ')}`);
  // In sudo a backslash starts a pattern, in sudo-rs it does not.
  const odd = app.service.units.find((unit) => unit.includes('\\'));
  if (odd !== undefined)
    return none(`the unit ${odd} has a backslash, which sudo and sudo-rs read differently`);
  const allowed = serviceCommands(app.service).map((command) => `${folder}/${escaped(command)}`);
  return lineFor(user, allowed.join(', '));
}

/**
 * The line by which a run may install the app's unit files. Every path is literal. Who may write a unit that
 * root starts can become root: it is for logins that are trusted so far.
 */
export function unitFileSudoers(user: string, app: App, folder: CommandFolder | null): Sudoers {
  if (folder === null) return none(`systemctl is in none of ${COMMAND_FOLDERS.join(', ')}`);
  const names = (app.service.templates ?? []).map(({ name }) => name);
  const allowed = unitFileCommands(app.service, names).map(
    (command) => `${folder}/${escaped(command)}`,
  );
  return lineFor(user, allowed.join(', '));
}

/** The longest pattern that sudo compiles. */
const LONGEST_PATTERN = 1024;

/**
 * The line for the automatic rollback timer of the system: exactly the timer that `arm` starts.
 *
 * Sudo joins arguments by blanks and then matches, so a line cannot say where an argument ends, only
 * what the text is. Therefore the user comes first: `--uid=deploy` is a whole argument, or a prefix of one
 * that names no user. Both words are regular expressions. A wildcard would also match other options. A
 * sudo without regular expressions (before 1.9.10, and sudo-rs) reads `^--uid…` as a wildcard that a file
 * name could match, but finds no command in `^/…$` and refuses the line.
 */
export function timerSudoers(user: string, root: string): Sudoers {
  if (!/^\/[A-Za-z0-9/._-]+$/.test(root)) {
    return none(`the root ${root} is not absolute, or has a character that is not plain`);
  }
  const path = root.replaceAll('.', '\\.');
  const txn = '[A-Za-z0-9._-]+';
  const pattern = [
    `^--uid=${user.replaceAll('.', '\\.')} --quiet --collect --unit=fleet-${txn} --on-active=[0-9]+ms`,
    '--timer-property=AccuracySec=100ms /bin/sh',
    `${path}/\\.fleet/bin/[0-9a-f]+ step revert root=${path} txn=${txn} guard=1$`,
  ].join(' ');
  if (pattern.length > LONGEST_PATTERN)
    return none(`the root ${root} is too long for a pattern of sudo`);
  return lineFor(user, `^/(usr/)?bin/systemd-run$ ${pattern}`);
}

/** A setting of sudo for the login alone, which comes before the same one for all. */
export function settingSudoers(user: string, setting: string): Sudoers {
  return lineOf(user, `Defaults:${user} ${setting}`);
}

/** Whether a sudo reads regular expressions, by its version text, and what to call it. */
export function sudoKind(version: string | null): {
  readonly patterns: boolean;
  readonly name: string;
} {
  if (version === null) return { patterns: false, name: 'no sudo' };
  const [, major, minor, patch] =
    /^Sudo version (\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  if (major !== undefined) {
    const place = Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
    return { patterns: place >= 1_009_010, name: `sudo ${major}.${minor}.${patch}` };
  }
  return { patterns: false, name: version.startsWith('sudo-rs ') ? 'sudo-rs' : 'an unknown sudo' };
}

const lineFor = (user: string, allowed: string): Sudoers =>
  lineOf(user, `${user} ALL=(root) NOPASSWD: ${allowed}`);

function lineOf(user: string, line: string): Sudoers {
  if (!isPlainLogin(user)) return none(`the user ${user} is not a plain word`);
  return { kind: 'line', line };
}

const none = (why: string): Sudoers => ({ kind: 'none', why });

/** Characters with a meaning in sudoers. */
const escaped = (command: string): string => command.replace(/[,:=]/g, '\\$&');
