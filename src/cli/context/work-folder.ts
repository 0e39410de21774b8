import { join } from 'node:path';
import { makeFolder } from '../../files/shared-folder.js';
import type { Context } from './context.js';

/** Where releases are packed; created if it is missing. People who share it have a private folder each in it. */
export function workFolder({ stateDir }: Context): string {
  const folder = join(stateDir, 'tmp');
  makeFolder(folder);
  return folder;
}
