import { join } from 'node:path';
import { makeFolder } from '../../files/shared-folder.js';
import type { Context } from './context.js';

/** Where releases are packed, made if need be; people who share it have a private folder each in there. */
export function workFolder({ stateDir }: Context): string {
  const folder = join(stateDir, 'tmp');
  makeFolder(folder);
  return folder;
}
