import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../errors/fleet-error.js';
import type { Owners } from '../paths/owners.js';
import { shownPath } from '../paths/shown-path.js';
import type { Setting } from '../settings/setting.js';
import { problemIn } from '../yaml/place.js';
import { readSshConfig, type SshConfigRoot, type SshConfigText } from './files.js';

/** The user and the machine whose ssh_config counts. */
export interface SshMachine {
  readonly cwd: string;
  readonly home: string;
  /** Where ssh itself looks for `.ssh`, whatever `$HOME` is; null where the user has no entry. */
  readonly loginHome: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly localUser: string;
  /** Who may have written a file that fleet has ssh read; ssh checks its own files. */
  readonly owners: Owners;
}

/** One ssh_config as it was found. */
export interface OpenedConfig {
  readonly text: SshConfigText;
  /** As for `ssh -F`; null lets ssh find its own files. */
  readonly file: string | null;
}

type Opening = { readonly opened: OpenedConfig | null; readonly problems: readonly Problem[] };

const NOTHING: Opening = { opened: null, problems: [] };
const SYSTEM: SshConfigRoot = { path: '/etc/ssh/ssh_config', includeDir: '/etc/ssh' };

/** Reads what `ssh.config_file` names, or the files that ssh reads by default; null where nothing is to be read. */
export async function openSshConfig(
  setting: Setting | undefined,
  machine: SshMachine,
): Promise<Opening> {
  if (setting?.value === 'none') return NOTHING;
  const userDir = join(machine.home, '.ssh');
  if (setting !== undefined) {
    const path = String(setting.value);
    const problem = await faultOf(path);
    if (problem !== null) return refused(problemIn(setting.place, problem));
    return read([{ path, includeDir: userDir }], path, machine);
  }
  const own = { path: join(userDir, 'config'), includeDir: userDir };
  if (machine.home === machine.loginHome) return read([own, SYSTEM], null, machine);
  // Without -F ssh would read the files of another home. With it, ssh reads that one file only.
  const root = (await stat(own.path).catch(() => null)) === null ? SYSTEM : own;
  return read([root], root.path, machine);
}

const refused = (problem: Problem): Opening => ({ opened: null, problems: [problem] });

/** What keeps a file from being read as an ssh_config; null where nothing does. */
async function faultOf(path: string): Promise<{ message: string; hint: string } | null> {
  const found = await stat(path).catch(() => null);
  const hint = 'config_file: none reads no file';
  if (found === null) return { message: `there is no file ${path}`, hint };
  return found.isFile() ? null : { message: `${path} is not a file`, hint };
}

async function read(
  roots: readonly SshConfigRoot[],
  file: string | null,
  machine: SshMachine,
): Promise<Opening> {
  const show = (path: string): string => shownFrom(path, machine);
  const owners = file === null ? null : machine.owners;
  const reading = await readSshConfig(roots, { home: machine.home, show, owners });
  // ssh would follow an Include that cannot be trusted, and run its `Match exec`.
  const opened = reading.unreadable.length > 0 ? null : { text: reading.text, file };
  return { opened, problems: reading.unreadable };
}

/** As a user writes it: from the home, or from the working directory. */
function shownFrom(path: string, { home, cwd }: SshMachine): string {
  const short = shownPath(path, cwd);
  if (short !== path || !path.startsWith(`${home}/`)) return short;
  return `~/${shownPath(path, home)}`;
}
