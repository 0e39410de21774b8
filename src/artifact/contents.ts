import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ManifestEntry } from './tree/manifest.js';
import { Pace } from './tree/pace.js';
import type { Content, TreeEntry } from './tree/tree.js';

/** The size of the memory in which contents are read. */
export const READ_SIZE = 256 * 1024;
/** A file may have become a link or a pipe since the folder was walked. */
const OPEN_SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file of the tree could not be opened, or (cause null) has become shorter. */
export class ContentFailure extends Error {
  constructor(
    readonly path: string,
    override readonly cause: unknown,
  ) {
    super(`${path} cannot be read as it was found`);
  }
}

/** What is in the files of a tree. */
export interface Contents {
  readonly manifest: readonly ManifestEntry[];
  /** A git-lfs pointer in place of the real file; null if all are real. */
  readonly lfsPointer: string | null;
}

/** Reads every file of a tree. Throws `ContentFailure` if one cannot be read as the tree says. */
export async function readContents(
  entries: readonly TreeEntry[],
  signal?: AbortSignal,
): Promise<Contents> {
  const room = Buffer.allocUnsafeSlow(READ_SIZE);
  const manifest: ManifestEntry[] = [];
  const pace = new Pace(signal);
  let lfsPointer: string | null = null;
  for (const entry of entries) {
    if (pace.due()) await pace.rest();
    if (entry.kind !== 'file') {
      manifest.push(entry);
      continue;
    }
    const { path, mode, content } = entry;
    const hash = createHash('sha256');
    for await (const chunk of contentOf(path, content, room)) {
      signal?.throwIfAborted();
      hash.update(chunk);
      if (content.size < LFS_POINTER_BYTES && isLfsPointer(chunk)) lfsPointer ??= path;
    }
    manifest.push({ kind: 'file', path, mode, size: content.size, sha256: hash.digest('hex') });
  }
  return { manifest, lfsPointer };
}

/** git-lfs pointers are under 1,024 bytes and begin like this, by its specification. */
const LFS_POINTER = Buffer.from('version https://git-lfs.github.com/spec/v');
const LFS_POINTER_BYTES = 1024;

const isLfsPointer = (content: Buffer): boolean =>
  content.subarray(0, LFS_POINTER.length).equals(LFS_POINTER) && content.includes('\noid sha256:');

/** The content of a file in pieces; each is overwritten in `room` once the next is asked for. */
export function contentOf(
  path: string,
  content: Content,
  room: Buffer,
): Iterable<Buffer> | AsyncIterable<Buffer> {
  return content.size <= room.length
    ? [smallContent(path, content, room)]
    : largeContent(path, content, room);
}

/** A trip to the thread pool for each call costs more than reading a small file synchronously. */
function smallContent(path: string, { file, offset, size }: Content, room: Buffer): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, OPEN_SAFELY);
  } catch (cause) {
    throw new ContentFailure(path, cause);
  }
  try {
    for (let read = 0; read < size; ) {
      const more = readSync(descriptor, room, read, size - read, offset + read);
      if (more === 0) throw new ContentFailure(path, null);
      read += more;
    }
    return room.subarray(0, size);
  } finally {
    closeSync(descriptor);
  }
}

async function* largeContent(path: string, content: Content, room: Buffer): AsyncGenerator<Buffer> {
  const handle = await open(content.file, OPEN_SAFELY).catch((cause: unknown) => {
    throw new ContentFailure(path, cause);
  });
  try {
    let read = 0;
    while (read < content.size) {
      const length = Math.min(room.length, content.size - read);
      const { bytesRead } = await handle.read(room, 0, length, content.offset + read);
      if (bytesRead === 0) throw new ContentFailure(path, null);
      read += bytesRead;
      yield room.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
