import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { matchesGlob } from '../../model/text/glob.js';
import { type LocalBase, localPath } from './local-path.js';

/**
 * The files that match the pattern of an `Include`, by name. Null where it holds what only ssh
 * works out: tokens, variables, bracket expressions, other people's homes.
 */
export async function includePaths(
  pattern: string,
  base: LocalBase,
): Promise<readonly string[] | null> {
  if (/[%$[\\]|^~[^/]/.test(pattern)) return null;
  const path = localPath(pattern, base);
  if (!/[*?]/.test(path)) return [path];
  const [first = '', ...parts] = path.split(sep);
  let found = [`${first}${sep}`];
  for (const part of parts) {
    const next = await Promise.all(found.map((folder) => below(folder, part)));
    found = next.flat();
  }
  return found.sort();
}

async function below(folder: string, part: string): Promise<readonly string[]> {
  if (!/[*?]/.test(part)) return [join(folder, part)];
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith('.') === part.startsWith('.') && matchesGlob(name, part))
    .map((name) => join(folder, name));
}
