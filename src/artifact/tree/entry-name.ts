import { safeJson } from '../../errors/unicode-escape.js';

const MAX_COMPONENT_BYTES = 255;
/** PATH_MAX, minus room for the root and `releases/.tmp-<txn>` on a host. */
const MAX_PATH_BYTES = 3500;

/** Why a path or link target cannot go into a release, or null if it can. */
export function nameProblem(text: string): string | null {
  if (text.includes('\uFFFD')) return 'has a name that is not UTF-8';
  if (Buffer.byteLength(text) > MAX_PATH_BYTES) return 'has a path that is too long';
  const tooLong = text.split('/').some((part) => Buffer.byteLength(part) > MAX_COMPONENT_BYTES);
  return tooLong ? 'has a name of more than 255 bytes' : null;
}

/** A name for showing: quoted, with control characters escaped. */
export function quoteName(name: string): string {
  return safeJson(name);
}
