import { relative } from 'node:path';

/** A path as it is shown: relative to the working directory where it lies below. */
export function shownPath(file: string, cwd: string | undefined): string {
  const short = cwd === undefined ? file : relative(cwd, file);
  return short === '' || short.startsWith('..') ? file : short;
}
