import { userInfo } from 'node:os';
import { isAbsolute, join, normalize } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { filled } from './identity.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `file_unusable` where the working directory was deleted, or may not be looked at. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new FleetError('file_unusable', 'the working directory is not there any more', {
      hint: 'change to a folder that is there: cd ~',
      cause,
    });
  }
}

/** `$HOME`, else what the password database says. Throws `file_unusable` where neither tells. */
export function homeFolder(env: Environment): string {
  const home = filled(env.HOME) ?? recordedHome();
  if (home !== null && isAbsolute(home)) return home;
  const why = home === null ? 'this account has none in the password database' : `it is ${home}`;
  throw new FleetError('file_unusable', `there is no home folder: ${why}`, {
    hint: 'set HOME to the absolute path of a folder that this account may write',
  });
}

/**
 * `$FLEET_STATE_DIR`, which a group of people may share, else one's own. Throws `file_unusable` where that
 * is relative, so another in each folder.
 */
export function stateFolder(env: Environment, home: string): string {
  const given = filled(env.FLEET_STATE_DIR);
  if (given === undefined) return personalStateFolder(env, home);
  if (isAbsolute(given)) return normalize(given);
  throw new FleetError('file_unusable', `FLEET_STATE_DIR is ${given}, which is no absolute path`, {
    hint: 'runs, history and locks are kept there: give the whole path, or unset it',
  });
}

/** `$XDG_STATE_HOME/fleet`. Throws as {@link stateFolder}. */
export function personalStateFolder(env: Environment, home: string): string {
  const base = filled(env.XDG_STATE_HOME);
  if (base === undefined) return join(home, '.local', 'state', 'fleet');
  if (isAbsolute(base)) return join(base, 'fleet');
  throw new FleetError('file_unusable', `XDG_STATE_HOME is ${base}, which is no absolute path`, {
    hint: 'runs, history and locks are kept there: give the whole path, or unset it',
  });
}

/** Of the password database, whatever `$HOME` says; a container may have no entry there. */
export function recordedHome(): string | null {
  try {
    return filled(userInfo().homedir) ?? null;
  } catch {
    return null;
  }
}
