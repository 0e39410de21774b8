import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../errors/has-code.js';

/** The folder of a receiver. */
export const KEY = /^[0-9a-f]{16}$/;
export const TURN_DIGITS = 15;
/** An entry: its turn, and the digest of its id. */
export const ENTRY = /^\d{15}-[0-9a-f]{12}\.json$/;

/** Where notices wait. */
export const outboxFolder = (stateDir: string): string => join(stateDir, 'outbox');

/** Whether anything may wait there: a look at names alone, since every command asks. */
export function hasWaiting(stateDir: string): boolean {
  const folder = outboxFolder(stateDir);
  return namesIn(folder).some(
    (key) => KEY.test(key) && namesIn(join(folder, key)).some((name) => ENTRY.test(name)),
  );
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
