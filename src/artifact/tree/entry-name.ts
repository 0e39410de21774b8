import { safeJson } from '../../errors/unicode-escape.js';

const MAX_COMPONENT_BYTES = 255;
/** PATH_MAX, minus room for the root and `releases/.tmp-<txn>` on a host. */
const MAX_PATH_BYTES = 3500;
/**
 * A host enters each folder by a function that calls itself. bash takes seconds for 300 levels and minutes for 800, and
 * dash ends at 1,000 calls.
 */
const MAX_FOLDERS = 200;

/** Why a path or link target cannot go into a release, or null if it can. */
export function nameProblem(text: string): string | null {
  if (text.includes('\uFFFD')) return 'has a name that is not UTF-8';
  if (Buffer.byteLength(text) > MAX_PATH_BYTES) return 'has a path that is too long';
  const parts = text.split('/');
  if (parts.length > MAX_FOLDERS + 1) return `has a path of more than ${MAX_FOLDERS} folders`;
  const tooLong = parts.some((part) => Buffer.byteLength(part) > MAX_COMPONENT_BYTES);
  return tooLong ? 'has a name of more than 255 bytes' : null;
}

/** A name for showing: quoted, with control characters escaped. */
export function quoteName(name: string): string {
  return safeJson(name);
}
