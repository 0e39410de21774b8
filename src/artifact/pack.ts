import { createHash } from 'node:crypto';
import { closeSync, constants, createWriteStream, openSync, readFileSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { TAR_END, tarHeader, tarPadding } from './tar-header.js';
import { digestOf, type ManifestEntry } from './tree/manifest.js';
import { manifestText } from './tree/manifest-text.js';
import type { Content, TreeEntry } from './tree/tree.js';

/** The largest packed release that is also kept in memory, for a fast fan-out. */
const KEEP_IN_MEMORY = 8 * 1024 ** 2;
const READ_SIZE = 256 * 1024;
/** More than a stream takes before it asks to wait, see `inBlocks`. */
const BLOCK_SIZE = 256 * 1024;
const DISK_BLOCK = 4096;
/** A file may have become a link or a pipe since the folder was walked. */
const OPEN_SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface PackedTree {
  /** `sha256:<hex>` of the manifest. */
  readonly digest: string;
  readonly manifest: readonly ManifestEntry[];
  /** The manifest's text, gzipped. */
  readonly packedManifest: Buffer;
  /** Size and hex SHA-256 of the archive itself. */
  readonly bytes: number;
  readonly sha256: string;
  /** The size of the release on a disk with blocks of 4 KiB. */
  readonly unpackedBytes: number;
  /** A git-lfs pointer in place of the real file; null if all are real. */
  readonly lfsPointer: string | null;
  /** The whole archive, if it is small. */
  readonly inMemory: Buffer | null;
}

export interface PackOptions {
  /** The archive to write; must not exist yet. */
  readonly archivePath: string;
  /** The time of every member. */
  readonly mtime: Date;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads every file of a tree once, and produces the manifest's digest and a gzipped tar. The same tree and time
 * give the same bytes. Throws `ContentFailure` if a file cannot be read as the tree says.
 */
export async function packTree(
  entries: readonly TreeEntry[],
  options: PackOptions,
): Promise<PackedTree> {
  const manifest: ManifestEntry[] = [];
  const archive = createHash('sha256');
  const pointers: string[] = [];
  let bytes = 0;

  await pipeline(
    inBlocks(tarOf(entries, { manifest, pointers }, options.mtime)),
    createGzip({ level: 6 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        archive.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(options.archivePath, { flags: 'wx', mode: 0o600 }),
    options.signal === undefined ? {} : { signal: options.signal },
  );

  return {
    digest: digestOf(manifest),
    manifest,
    packedManifest: await promisify(gzip)(manifestText(manifest)),
    bytes,
    sha256: archive.digest('hex'),
    unpackedBytes: manifest.reduce((total, entry) => total + diskBytes(entry), 0),
    lfsPointer: pointers[0] ?? null,
    inMemory: bytes > KEEP_IN_MEMORY ? null : readFileSync(options.archivePath),
  };
}

/** A file of the tree could not be opened, or (cause null) has become shorter. */
export class ContentFailure extends Error {
  constructor(
    readonly path: string,
    override readonly cause: unknown,
  ) {
    super(`${path} cannot be read as it was found`);
  }
}

interface Findings {
  readonly manifest: ManifestEntry[];
  readonly pointers: string[];
}

/** git-lfs pointers are under 1,024 bytes and begin like this, by its specification. */
const LFS_POINTER = Buffer.from('version https://git-lfs.github.com/spec/v');
const LFS_POINTER_BYTES = 1024;

/** Each piece is overwritten once the next is requested: thousands of files need no memory each. */
async function* tarOf(
  entries: readonly TreeEntry[],
  { manifest, pointers }: Findings,
  mtime: Date,
): AsyncGenerator<Buffer> {
  const room = Buffer.allocUnsafeSlow(READ_SIZE);
  for (const entry of entries) {
    yield tarHeader(entry, mtime);
    if (entry.kind !== 'file') {
      manifest.push(entry);
      continue;
    }
    const hash = createHash('sha256');
    const { size } = entry.content;
    for await (const chunk of contentOf(entry.path, entry.content, room)) {
      hash.update(chunk);
      if (size < LFS_POINTER_BYTES && isLfsPointer(chunk)) pointers.push(entry.path);
      yield chunk;
    }
    yield tarPadding(size);
    manifest.push({
      kind: 'file',
      path: entry.path,
      mode: entry.mode,
      size,
      sha256: hash.digest('hex'),
    });
  }
  yield TAR_END;
}

const isLfsPointer = (content: Buffer): boolean =>
  content.subarray(0, LFS_POINTER.length).equals(LFS_POINTER) && content.includes('\noid sha256:');

function contentOf(
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

/**
 * Each write to gzip is a trip to the thread pool, so small pieces are joined first, all in the same memory. A
 * pipeline asks for more once gzip has drained, and a whole block always makes it wait for that.
 */
async function* inBlocks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const block = Buffer.allocUnsafeSlow(BLOCK_SIZE);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const copied = piece.copy(block, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < block.length) continue;
      yield block;
      filled = 0;
    }
  }
  yield block.subarray(0, filled);
}

function diskBytes(entry: ManifestEntry): number {
  if (entry.kind !== 'file') return DISK_BLOCK;
  return Math.ceil(entry.size / DISK_BLOCK) * DISK_BLOCK;
}
