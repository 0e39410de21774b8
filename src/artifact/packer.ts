import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ArchiveFormat, hasZstd, isIncompressible } from './compressor.js';
import type { ChosenBase } from './delta/choose-base.js';
import { clearList } from './delta/clear-list.js';
import { packTree } from './pack.js';
import { PayloadFile, type PayloadOptions } from './payload-file.js';
import { type SourceTree, unchanged } from './source-tree.js';
import type { ManifestEntry } from './tree/manifest.js';
import { manifestText } from './tree/manifest-text.js';

/** The largest payload that is kept in memory, for a fast fan-out. */
export const KEEP_IN_MEMORY = 8 * 1024 ** 2;

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
   * The payload for one host, the manifest and then the archive: from memory if it is small, else a new stream of the
   * file.
   */
  payload(options?: PayloadOptions): Uint8Array | Readable;
}

/** Does work within the time for it, and turns its failure into a refusal. */
export type InTime = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

export interface PackerOptions {
  /** A private folder for the archives. */
  readonly workDir: string;
  /** The time of every member. */
  readonly mtime: Date;
  readonly manifest: readonly ManifestEntry[];
  readonly unpackedBytes: number;
  readonly inTime: InTime;
}

/** What packs a tree: each archive once, and one at a time, since each takes a whole processor. */
export function createPacker(
  tree: SourceTree,
  options: PackerOptions,
): (request: PackRequest) => Promise<PackedRelease> {
  const packed = new Map<string, Promise<PackedRelease>>();
  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    const base = request.beyond?.base.digest ?? 'release';
    const name = `${base.replace(/^sha256:/, '')}${request.zstd ? '-zstd' : ''}`;
    const known = packed.get(name);
    if (known !== undefined) return known;
    const archivePath = join(options.workDir, `${name}.tar`);
    const packing = last.then(() =>
      options.inTime((signal) => packOne(tree, request, { ...options, archivePath, signal })),
    );
    packed.set(name, packing);
    last = packing.catch(() => undefined);
    return packing;
  };
}

interface Packing extends PackerOptions {
  readonly archivePath: string;
  readonly signal: AbortSignal;
}

async function packOne(
  tree: SourceTree,
  { zstd, beyond }: PackRequest,
  { archivePath, signal, mtime, manifest, unpackedBytes }: Packing,
): Promise<PackedRelease> {
  const sent = beyond?.difference.sent;
  const entries = tree.entries.filter(({ path }) => sent?.has(path) ?? true);
  const first =
    beyond === null ? undefined : { path: CLEAR_LIST, text: clearList(beyond.difference) };
  return unchanged(tree, async () => {
    const format = (await isIncompressible(entries)) ? 'none' : zstd && hasZstd ? 'zstd' : 'gzip';
    const { bytes, sha256 } = await packTree(entries, {
      archivePath,
      format,
      mtime,
      first,
      signal,
    });
    const head = await promisify(gzip)(manifestText(manifest));
    const payload = await payloadOf(head, { archivePath, bytes });
    const packedManifest = { sha256: sha256Of(head), bytes: head.length };
    return { format, archivePath, bytes, sha256, packedManifest, unpackedBytes, payload };
  });
}

/** Where the list is in an archive: no release may have a file of that name. */
const CLEAR_LIST = 'version.json';

async function payloadOf(
  head: Buffer,
  { archivePath, bytes }: { readonly archivePath: string; readonly bytes: number },
): Promise<PackedRelease['payload']> {
  if (bytes > KEEP_IN_MEMORY) return (options) => new PayloadFile(head, archivePath, options);
  const whole = Buffer.concat([head, await readFile(archivePath)]);
  return ({ start = 0 } = {}) =>
    start === 0 ? whole : Buffer.concat([head, whole.subarray(head.length + start)]);
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
