import type { Readable } from 'node:stream';
import type { PreparedRelease } from '../../artifact/prepare.js';
import type { CallPayload } from './host-call.js';

/** Opens what is to be sent of a packed release, again for each try. Throws if it has none with that SHA-256. */
export type ArtifactSource = (payload: CallPayload) => Uint8Array | Readable;

/** The release that was packed for this run; null if none was. */
export function artifactsOf(
  prepared: Pick<PreparedRelease, 'sha256' | 'payload'> | null,
): ArtifactSource {
  return ({ sha256, received }) => {
    if (prepared?.sha256 !== sha256) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return prepared.payload(received);
  };
}
