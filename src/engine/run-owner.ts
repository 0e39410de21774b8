import { join } from 'node:path';
import * as z from 'zod';
import type { RunId } from '../model/names.js';
import { livenessOf, ownIdentity } from '../transport/process-identity.js';
import { journalFolder } from './journal.js';
import { ensureOwnFolder, readOwn } from './own-files.js';
import { replaceFile } from './replace-file.js';

const ownerShape = z.object({
  host: z.string(),
  boot: z.string(),
  pid: z.int(),
  start: z.string().nullable(),
});

/** Notes in a run's folder that this process carries it out. */
export function noteOwner(runFolder: string): void {
  ensureOwnFolder(runFolder);
  replaceFile(join(runFolder, 'owner.json'), `${JSON.stringify(ownIdentity())}\n`);
}

/** Whether the process of a run is alive; `unknown` where this bastion does not know the run. */
export function runLiveness(stateDir: string, run: RunId): 'alive' | 'dead' | 'unknown' {
  try {
    const text = readOwn(join(journalFolder(stateDir, run), 'owner.json'));
    return livenessOf(ownerShape.parse(JSON.parse(text)));
  } catch {
    return 'unknown';
  }
}
