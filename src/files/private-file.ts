import { open } from 'node:fs/promises';

/** A file that contains a secret, and who else may read it. */
export interface PrivateFile {
  readonly text: Buffer;
  /** The mode in octal if the file is this user's and others may read or write it; else null. */
  readonly openMode: string | null;
}

/**
 * Reads a file with a secret. As OpenSSH does for private keys, the mode counts only if the file belongs to the
 * reader; other users protect their own files. Rejects as `open` does.
 */
export async function readPrivateFile(path: string): Promise<PrivateFile> {
  const file = await open(path);
  try {
    const { uid, mode } = await file.stat();
    const isOpen = uid === process.getuid?.() && (mode & 0o077) !== 0;
    const openMode = isOpen ? (mode & 0o777).toString(8).padStart(4, '0') : null;
    return { text: await file.readFile(), openMode };
  } finally {
    await file.close();
  }
}
