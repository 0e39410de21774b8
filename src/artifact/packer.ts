import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ArchiveFormat, hasZstd, isIncompressible } from './compressor.js';
import { clearList } from './delta/clear-list.js';
import type { ChosenBase } from './delta/choose-base.js';
import { packTree } from './pack.js';
import { type SourceTree, unchanged } from './source-tree.js';
import type { ManifestEntry } from './tree/manifest.js';
import { manifestText } from './tree/manifest-text.js';

/** The largest payload that is kept in memory, for a fast fan-out. */
const KEEP_IN_MEMORY = 8 * 1024 ** 2;

export interface PackRequest {
  /** Whether every host that it is for has zstd. */
  readonly zstd: boolean;
  /** Null for the whole release. */
  readonly beyond: ChosenBase | null;
}

/** An archive on this machine, ready to be sent to any number of hosts. */
export interface PackedRelease {
  readonly format: ArchiveFormat;
  readonly archivePath: string;
  /** Size of the archive. */
  readonly bytes: number;
  /** Hex SHA-256 of the archive. */
  readonly sha256: string;
  /** Hex SHA-256 and size of the release's manifest as it is sent: gzipped. */
  readonly packedManifest: { readonly sha256: string; readonly bytes: number };
  /** The size of the unpacked release on a host's disk. */
  readonly unpackedBytes: number;
  /**
   * The payload for one host, the manifest and then the archive: from memory if it is small, else a new stream of
   * the file.
   */
  payload(): Uint8Array | Readable;
}
