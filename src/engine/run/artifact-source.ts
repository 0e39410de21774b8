import type { Readable } from 'node:stream';
import type { PreparedRelease } from '../../artifact/prepare.js';
import type { ArtifactName } from './host-call.js';

/** Opens a packed release by its content, again for each try. Throws if it has none with that SHA-256. */
export type ArtifactSource = (name: ArtifactName) => Uint8Array | Readable;

/** The release that was packed for this run; null if none was. */
export function artifactsOf(
  prepared: Pick<PreparedRelease, 'sha256' | 'payload'> | null,
): ArtifactSource {
  return ({ sha256 }) => {
    if (prepared?.sha256 !== sha256) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return prepared.payload();
  };
}
