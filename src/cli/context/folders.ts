import { userInfo } from 'node:os';
import { isAbsolute, join, normalize } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { filled } from './identity.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `file_unusable` if the working directory was deleted or cannot be read. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new FleetError('file_unusable', 'the working directory does not exist any more', {
      hint: 'change to a folder that exists: cd ~',
      cause,
    });
  }
}

/** `$HOME`, else the home folder in the password database. Throws `file_unusable` if both are missing. */
export function homeFolder(env: Environment): string {
  const home = filled(env.HOME) ?? recordedHome();
  if (home !== null && isAbsolute(home)) return home;
  const why =
    home === null
      ? 'HOME is not set, and the password database has none for this account'
      : `it is ${home}, which is not absolute`;
  throw new FleetError('file_unusable', `no home folder found: ${why}`, {
    hint: 'set HOME to the absolute path of a folder that this account may write',
  });
}

/**
 * `$FLEET_STATE_DIR`, which a group of people may share, else one's own. Throws `file_unusable` if it
 * is relative: that would be a different folder in each directory.
 */
export function stateFolder(env: Environment, home: string): string {
  const given = filled(env.FLEET_STATE_DIR);
  if (given === undefined) return personalStateFolder(env, home);
  if (isAbsolute(given)) return normalize(given);
  throw new FleetError(
    'file_unusable',
    `FLEET_STATE_DIR is ${given}, which is not an absolute path`,
    {
      hint: 'runs, history and locks are kept there: give the absolute path, or unset it',
    },
  );
}

/** `$XDG_STATE_HOME/fleet`. Throws as {@link stateFolder}. */
export function personalStateFolder(env: Environment, home: string): string {
  const base = filled(env.XDG_STATE_HOME);
  if (base === undefined) return join(home, '.local', 'state', 'fleet');
  if (isAbsolute(base)) return join(base, 'fleet');
  throw new FleetError(
    'file_unusable',
    `XDG_STATE_HOME is ${base}, which is not an absolute path`,
    {
      hint: 'runs, history and locks are kept there: give the absolute path, or unset it',
    },
  );
}

/** From the password database, whatever `$HOME` is; a container may have no entry there. */
export function recordedHome(): string | null {
  try {
    return filled(userInfo().homedir) ?? null;
  } catch {
    return null;
  }
}
