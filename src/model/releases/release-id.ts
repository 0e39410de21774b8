import { FleetError } from '../../errors/fleet-error.js';
import { asReleaseId, isReleaseId, type ReleaseId } from '../names.js';
import { compactTime } from '../text/compact-time.js';

/**
 * The id of a new release: `20261123T163000Z-1a2b3c4`. The seven hex digits are from the commit, else from the content
 * digest (`sha256:<hex>`), so that a person recognises the content.
 */
export function makeReleaseId(
  now: Date,
  content: { readonly commit: string | null; readonly digest: string },
): ReleaseId {
  const hex = content.commit ?? content.digest.replace(/^sha256:/, '');
  return asReleaseId(`${compactTime(now)}-${hex.slice(0, 7)}`);
}

/** Checks an id that a person gave; throws `release_id_invalid`. */
export function parseReleaseId(text: string): ReleaseId {
  if (isReleaseId(text)) return asReleaseId(text);
  throw new FleetError('release_id_invalid', `${JSON.stringify(text)} cannot be a release id`, {
    hint: 'A release id becomes a folder name: letters, digits, ".", "_" and "-", beginning with a letter or digit, without "..", at most 128 long.',
  });
}
