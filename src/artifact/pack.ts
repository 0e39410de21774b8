import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ArchiveFormat, compressor } from './compressor.js';
import { contentOf, READ_SIZE } from './contents.js';
import { TAR_END, tarHeader, tarPadding } from './tar-header.js';
import type { TreeEntry } from './tree/tree.js';

/** More than a stream takes before it asks to wait, see `inBlocks`. */
const BLOCK_SIZE = 256 * 1024;

/** A packed archive, by its size and its hex SHA-256. */
export interface PackedTree {
  readonly bytes: number;
  readonly sha256: string;
}

export interface PackOptions {
  /** The archive to write; must not exist yet. */
  readonly archivePath: string;
  readonly format: ArchiveFormat;
  /** The time of every member. */
  readonly mtime: Date;
  /** A text that comes before all members, as a file of that name. */
  readonly first?: { readonly path: string; readonly text: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Packs a tree into a tar. The same tree, time and format give the same bytes. Throws `ContentFailure` if a file cannot
 * be read as the tree says.
 */
export async function packTree(
  entries: readonly TreeEntry[],
  options: PackOptions,
): Promise<PackedTree> {
  const archive = createHash('sha256');
  let bytes = 0;
  await pipeline(
    inBlocks(tarOf(entries, options)),
    compressor(options.format),
    async function* (chunks: Readable | AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        archive.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(options.archivePath, { flags: 'wx', mode: 0o600 }),
    options.signal === undefined ? {} : { signal: options.signal },
  );
  return { bytes, sha256: archive.digest('hex') };
}

/** Each piece is overwritten once the next is requested: thousands of files need no memory each. */
async function* tarOf(
  entries: readonly TreeEntry[],
  { mtime, first }: PackOptions,
): AsyncGenerator<Buffer> {
  if (first !== undefined) yield* textMember(first, mtime);
  const room = Buffer.allocUnsafeSlow(READ_SIZE);
  for (const entry of entries) {
    yield tarHeader(entry, mtime);
    if (entry.kind !== 'file') continue;
    yield* contentOf(entry.path, entry.content, room);
    yield tarPadding(entry.content.size);
  }
  yield TAR_END;
}

function* textMember(
  { path, text }: NonNullable<PackOptions['first']>,
  mtime: Date,
): Generator<Buffer> {
  const content = Buffer.from(text);
  const size = content.length;
  yield tarHeader(
    { kind: 'file', path, mode: 0o644, content: { file: '', offset: 0, size } },
    mtime,
  );
  yield content;
  yield tarPadding(size);
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
