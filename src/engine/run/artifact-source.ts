import type { Readable } from 'node:stream';
import type { PreparedRelease } from '../../artifact/prepare.js';
import type { ArtifactName } from './host-call.js';

/** Opens a packed release by its content, anew for each try. Throws where it has none of that name. */
export type ArtifactSource = (name: ArtifactName) => Uint8Array | Readable;

/** The one release that was packed for this run; null where none was. */
export function artifactsOf(
  prepared: Pick<PreparedRelease, 'sha256' | 'payload'> | null,
): ArtifactSource {
  return ({ sha256 }) => {
    if (prepared?.sha256 !== sha256) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return prepared.payload();
  };
}
