import type { Owners } from '../paths/owners.js';

/** What an inventory is read from: its files, the user and the machine. */
export interface InventoryRequest {
  /** Files and folders, absolute or relative to `cwd`. */
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly home: string;
  /** The home of the password database, where ssh itself looks; often the same. */
  readonly loginHome?: string | null | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own login name, the default of `ssh.user`. */
  readonly localUser: string;
  /** Tells which of the usual identity files are there. */
  readonly fileExists: (path: string) => Promise<boolean>;
  /**
   * Who may have written what is read: null where it was named, and so is trusted. A program is run
   * only if it is of this user or root, wherever it is named.
   */
  readonly owners?: Owners | undefined;
  /** False to run nothing, neither programs nor what `Match exec` of an ssh_config names. */
  readonly runPrograms?: boolean | undefined;
}
