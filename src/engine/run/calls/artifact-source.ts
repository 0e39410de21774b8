import { Readable } from 'node:stream';
import type { PackedRelease } from '../../../artifact/packer.js';
import type { PayloadOptions } from '../../../artifact/payload-file.js';
import type { CallPayload } from './host-call.js';

/** Opens what is to be sent of a packed release, again for each try. Throws if it has none with that SHA-256. */
export type ArtifactSource = (
  payload: CallPayload,
  onRead?: PayloadOptions['onRead'],
) => Uint8Array | Readable;

type Packed = Pick<PackedRelease, 'sha256' | 'bytes' | 'payload'>;

/** The release that was packed for this run; null if none was. */
export function artifactsOf(prepared: Packed | null): ArtifactSource {
  return artifactsAmong(() => (prepared === null ? [] : [prepared]));
}

/**
 * All that was packed for this run by now: more may be packed while it lasts. `url` is where hosts fetch the whole, if
 * they do.
 */
export function artifactsAmong(
  packed: () => readonly Packed[],
  url: string | null = null,
): ArtifactSource {
  return ({ sha256, received, pull }, onRead) => {
    if (pull !== undefined) return urlPayload(packed()[0], url);
    const found = packed().find((each) => each.sha256 === sha256);
    if (found === undefined) throw new Error(`no artifact has the SHA-256 ${sha256}`);
    return found.payload({ start: received, onRead });
  };
}

/** The manifest, which comes first in every payload, and the URL in place of the archive. */
function urlPayload(packed: Packed | undefined, url: string | null): Readable {
  if (packed === undefined || url === null)
    throw new Error('no URL from which hosts fetch anything');
  const manifest = packed.payload({ start: packed.bytes });
  return Readable.from(
    (async function* () {
      if (manifest instanceof Uint8Array) yield manifest;
      else yield* manifest;
      yield Buffer.from(url);
    })(),
  );
}
