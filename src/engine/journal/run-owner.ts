import { join } from 'node:path';
import * as z from 'zod';
import { ensureOwnFolder, readOwn } from '../../files/own-files.js';
import { livenessOf, ownIdentity } from '../../files/process-identity.js';
import { replaceFile } from '../../files/replace-file.js';
import type { RunId } from '../../model/names.js';
import { journalFolder } from './journal.js';

const ownerShape = z.object({
  host: z.string(),
  boot: z.string(),
  pid: z.int(),
  start: z.string().nullable(),
});

/** Records in a run's folder that this process carries it out. */
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
