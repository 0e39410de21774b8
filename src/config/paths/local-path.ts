import { join, resolve } from 'node:path';

/** Where relative paths and `~` start. */
export interface LocalBase {
  /** Absolute folder. */
  readonly dir: string;
  readonly home: string;
}

/** A path of this machine made absolute: `~/` is the home, anything relative starts at `dir`. */
export function localPath(path: string, base: LocalBase): string {
  if (path === '~') return base.home;
  return path.startsWith('~/') ? join(base.home, path.slice(2)) : resolve(base.dir, path);
}
