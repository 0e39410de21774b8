import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { type ChildCommand, ChildFailure, childOutput } from '../../async/child-output.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';

export type Packing = 'gzip' | 'zstd' | 'none';

/** First bytes of files that are mistakenly named `.tar`. */
const FOREIGN = [
  { magic: '504b0304', name: 'a zip archive' },
  { magic: '425a68', name: 'compressed by bzip2' },
  { magic: 'fd377a585a', name: 'compressed by xz' },
] as const;

/**
 * The tar in an archive file, recognised by its first bytes, not its name. gzip is unpacked in this process; zstd,
 * which Node 20 lacks, by the `zstd` command. Throws `source_invalid`.
 */
export async function* tarBytes(
  file: string,
  child: Pick<ChildCommand, 'env' | 'signal'>,
): AsyncGenerator<Buffer> {
  const packing = await packingOf(file);
  switch (packing) {
    case 'none':
      yield* createReadStream(file) as AsyncIterable<Buffer>;
      return;
    case 'gzip':
      yield* gunzip(file);
      return;
    case 'zstd':
      yield* unzstd(file, child);
      return;
  }
}

/** How an archive file is packed, by its first bytes. Throws `source_invalid` for what fleet does not read. */
export async function packingOf(file: string): Promise<Packing> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    if (start.startsWith('1f8b')) return 'gzip';
    if (start.startsWith('28b52ffd')) return 'zstd';
    const foreign = FOREIGN.find(({ magic }) => start.startsWith(magic));
    if (foreign === undefined) return 'none';
    throw new FleetError('source_invalid', `${file} is ${foreign.name}`, {
      hint: 'An archive must be .tar, .tar.gz, .tgz or .tar.zst.',
    });
  } finally {
    await handle.close();
  }
}

async function* gunzip(file: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const plain = createGunzip({ chunkSize: 256 * 1024 });
  packed.on('error', (error) => plain.destroy(error));
  try {
    yield* packed.pipe(plain) as AsyncIterable<Buffer>;
  } catch (cause) {
    const why = reasonOf(cause);
    throw new FleetError('source_invalid', `${file} is damaged: ${why}`, { cause });
  } finally {
    packed.destroy();
  }
}

async function* unzstd(
  file: string,
  child: Pick<ChildCommand, 'env' | 'signal'>,
): AsyncGenerator<Buffer> {
  try {
    yield* childOutput({ command: 'zstd', args: ['-dcq', '--', file], ...child });
  } catch (cause) {
    if (!(cause instanceof ChildFailure)) throw cause;
    if (!cause.missing) {
      throw new FleetError('source_invalid', `${file} is damaged: ${printableLine(cause.stderr)}`, {
        cause,
      });
    }
    throw new FleetError(
      'source_invalid',
      `${file} needs zstd, which is not installed on this machine`,
      {
        cause,
        hint: 'Install the package zstd here, or pack with gzip.',
      },
    );
  }
}
