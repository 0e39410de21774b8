import { Readable } from 'node:stream';
import type { PreparedRelease } from '../../artifact/prepare.js';
import type { CallPayload } from './host-call.js';

/** Opens what is to be sent of a packed release, again for each try. Throws if it has none with that SHA-256. */
export type ArtifactSource = (payload: CallPayload) => Uint8Array | Readable;

type Packed = Pick<PreparedRelease, 'sha256' | 'bytes' | 'payload'>;

/** The release that was packed for this run; null if none was. `url` is where hosts fetch it, if they do. */
export function artifactsOf(prepared: Packed | null, url: string | null = null): ArtifactSource {
  return ({ sha256, received, pull }) => {
    if (pull !== undefined) return urlPayload(prepared, url);
    if (prepared?.sha256 !== sha256) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return prepared.payload(received);
  };
}

/** The manifest, which comes first in every payload, and the URL in place of the archive. */
function urlPayload(prepared: Packed | null, url: string | null): Readable {
  if (prepared === null || url === null) throw new Error('no URL from which hosts fetch anything');
  const manifest = prepared.payload(prepared.bytes);
  return Readable.from(
    (async function* () {
      if (manifest instanceof Uint8Array) yield manifest;
      else yield* manifest;
      yield Buffer.from(url);
    })(),
  );
}
