import { safeJson } from './unicode-escape.js';

/** A path for people: as it is if it is plain, else quoted, with everything escaped that is not to be seen. */
export function pathText(path: string): string {
  return PLAIN.test(path) ? path : safeJson(path);
}

/** Letters of any script, and what is usual in names of files; nothing at its end that reads as punctuation. */
const PLAIN = /^[\p{L}\p{N}_.@/+-][\p{L}\p{M}\p{N}_.@/+=~%-]*$/u;
