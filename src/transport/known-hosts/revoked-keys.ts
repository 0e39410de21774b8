import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isKeyRevocationList, parseKeyRevocationList } from './key-revocation-list.js';
import { keyTypeOf } from './line.js';

/** The host keys that a file revokes (`RevokedHostKeys` of ssh_config). */
export interface RevokedKeys {
  /** Where the keys are listed; null if no file is named. */
  readonly file: string | null;
  has(key: Buffer): boolean;
}

export interface RevokedKeysStore {
  /** Reads a file once. Rejects if it cannot be read completely: then no key may be trusted. */
  open(file: string | undefined): Promise<RevokedKeys>;
}

/** A list of a million keys takes 40 MB; a larger file is not such a list. */
const MOST_BYTES = 256 * 1024 ** 2;

export const NONE_REVOKED: RevokedKeys = { file: null, has: () => false };

export function createRevokedKeysStore(): RevokedKeysStore {
  const opened = new Map<string, Promise<RevokedKeys>>();
  return {
    open(file) {
      if (file === undefined) return Promise.resolve(NONE_REVOKED);
      const known = opened.get(file) ?? readRevokedKeys(file);
      opened.set(file, known);
      return known;
    },
  };
}

async function readRevokedKeys(file: string): Promise<RevokedKeys> {
  const stats = await stat(file);
  // A pipe could block, and /dev/zero never ends.
  if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error(`${file} is no list of keys`);
  const bytes = await readFile(file);
  return { file, has: isKeyRevocationList(bytes) ? listed(bytes, file) : plain(bytes) };
}

function listed(bytes: Buffer, file: string): (key: Buffer) => boolean {
  try {
    const { keys, sha1, sha256 } = parseKeyRevocationList(bytes);
    return (key) =>
      keys.has(key.toString('base64')) ||
      sha1.has(createHash('sha1').update(key).digest('base64')) ||
      sha256.has(createHash('sha256').update(key).digest('base64'));
  } catch (error) {
    throw new Error(`${file} is a revocation list, but ${String(error).replace(/^\w+: /, '')}`);
  }
}

/** Public keys, one a line as in a `.pub` file. Other lines are skipped, as ssh does. */
function plain(bytes: Buffer): (key: Buffer) => boolean {
  const keys = new Set<string>();
  for (const line of bytes.toString('latin1').split('\n')) {
    const [type, base64] = line.trim().split(/[ \t]+/);
    const blob = Buffer.from(base64 ?? '', 'base64');
    if (type !== undefined && keyTypeOf(blob) === type) keys.add(blob.toString('base64'));
  }
  return (key) => keys.has(key.toString('base64'));
}
