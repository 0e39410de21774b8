import { join, resolve } from 'node:path';

/** A path of this machine made absolute: `~/` is the home, anything relative starts at `dir`. */
export function localPath(
  path: string,
  base: { readonly dir: string; readonly home: string },
): string {
  if (path === '~') return base.home;
  return path.startsWith('~/') ? join(base.home, path.slice(2)) : resolve(base.dir, path);
}
