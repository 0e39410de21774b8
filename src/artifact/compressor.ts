import { Transform } from 'node:stream';
import zlib, { createGzip, deflateRawSync } from 'node:zlib';
import { contentOf } from './contents.js';
import type { TreeEntry } from './tree/tree.js';

export type ArchiveFormat = 'gzip' | 'zstd' | 'none';

/** In zlib since Node 22.15, and in the types of none before. */
const createZstd: unknown = 'createZstdCompress' in zlib ? zlib.createZstdCompress : undefined;

/** Whether this machine can pack with zstd: faster than gzip, and smaller. */
export const hasZstd = typeof createZstd === 'function';

/**
 * What packs, as a part of a pipeline. The memory of a block can be used again once the next is asked for: streams copy
 * it, and where nothing is packed the next one is asked for when this was written.
 */
export function compressor(format: ArchiveFormat): Transform | typeof unpacked {
  switch (format) {
    case 'gzip':
      return createGzip({ level: 6 });
    case 'zstd':
      return zstd();
    case 'none':
      return unpacked;
  }
}

async function* unpacked(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* blocks;
}

function zstd(): Transform {
  const stream: unknown = typeof createZstd === 'function' ? createZstd() : undefined;
  if (stream instanceof Transform) return stream;
  throw new Error('this Node has no zstd');
}

/** Less is packed in no time, whatever it is. */
const WORTH_A_LOOK = 1024 * 1024;
const SAMPLES = 24;
const SAMPLE_BYTES = 64 * 1024;
/** A packer that saves less costs both sides more time than the bytes do. */
const SAVES_NOTHING = 0.97;

/** Whether packing would hardly make it smaller, by samples: images, and what is packed already. */
export async function isIncompressible(entries: readonly TreeEntry[]): Promise<boolean> {
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry] : []));
  const total = files.reduce((sum, { content }) => sum + content.size, 0);
  if (total < WORTH_A_LOOK) return false;
  const room = Buffer.allocUnsafeSlow(SAMPLE_BYTES);
  let plain = 0;
  let packed = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { path, content, at } = fileAt(files, (total * (sample + 0.5)) / SAMPLES);
    const offset = content.offset + Math.max(0, Math.min(at, content.size - SAMPLE_BYTES));
    const size = Math.min(SAMPLE_BYTES, content.size);
    for await (const piece of contentOf(path, { ...content, offset, size }, room)) {
      plain += piece.length;
      packed += deflateRawSync(piece, { level: 1 }).length;
    }
  }
  return packed > plain * SAVES_NOTHING;
}

type File = Extract<TreeEntry, { readonly kind: 'file' }>;

/** The file in which a byte of all their contents together is, and where. */
function fileAt(files: readonly File[], byte: number): File & { readonly at: number } {
  let before = 0;
  for (const file of files) {
    if (before + file.content.size > byte) return { ...file, at: Math.floor(byte - before) };
    before += file.content.size;
  }
  throw new RangeError('there is no such byte');
}
