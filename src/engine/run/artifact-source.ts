import type { Readable } from 'node:stream';
import type { PreparedRelease } from '../../artifact/prepare.js';
import type { ArtifactName } from './host-call.js';

/** Opens a packed release by its content, again for each try. Throws if it has none with that SHA-256. */
export type ArtifactSource = (name: ArtifactName) => Uint8Array | Readable;

type Packed = Pick<PreparedRelease, 'sha256' | 'payload'>;

/** The release that was packed for this run; null if none was. */
export function artifactsOf(prepared: Packed | null): ArtifactSource {
  return artifactsAmong(() => (prepared === null ? [] : [prepared]));
}

/** All that was packed for this run by now: more may be packed while it lasts. */
export function artifactsAmong(packed: () => readonly Packed[]): ArtifactSource {
  return ({ sha256 }) => {
    const found = packed().find((each) => each.sha256 === sha256);
    if (found === undefined) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return found.payload();
  };
}
