import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FleetError } from '../errors/fleet-error.js';
import type { ReleaseId } from '../model/names.js';
import type { Release } from '../model/releases/release.js';
import { makeReleaseId, parseReleaseId } from '../model/releases/release-id.js';
import type { LinkRule, ReleaseSource } from '../model/runs/app.js';
import type { SourceBuild } from './build/run-build.js';
import { changedWhileRead, unreadable } from './folder.js';
import { ContentFailure, type PackedTree, packTree } from './pack.js';
import { readSource, type SourceTree } from './source-tree.js';
import { quoteName } from './tree/entry-name.js';
import type { ManifestEntry } from './tree/manifest.js';
import { makeWorkFolder, removeWorkFolder } from './work-folder.js';

export interface PrepareOptions {
  /** Where a private folder for the archive is made; created if missing. */
  readonly tmpDir: string;
  readonly now: () => Date;
  /** Whether links may lead out of the release. */
  readonly links: LinkRule;
  /** For git and zstd. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The id that a person gave, instead of one made from time and content. */
  readonly idOverride?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What makes the files first; absent if they are there. */
  readonly build?: SourceBuild | undefined;
}

/** For fetching, reading and packing. A release of 20 GiB takes half an hour on a slow machine. */
const LONGEST_MS = 2 * 3_600_000;

/** A release, packed once on this machine and ready to be sent to any number of hosts. */
export interface PreparedRelease {
  readonly release: Release;
  readonly format: 'gzip';
  readonly archivePath: string;
  /** Size of the archive. */
  readonly bytes: number;
  /** Hex SHA-256 of the archive. */
  readonly sha256: string;
  /** What is in it, in bytewise order of path; its `digestOf` is the release's digest. */
  readonly manifest: readonly ManifestEntry[];
  /** Hex SHA-256 and size of the manifest as it is sent: gzipped. */
  readonly packedManifest: { readonly sha256: string; readonly bytes: number };
  /** The size of the unpacked release on a host's disk. */
  readonly unpackedBytes: number;
  /** How many regular files it holds. */
  readonly files: number;
  /** For a person to read before confirming. */
  readonly warnings: readonly string[];
  /**
   * The payload for one host, the manifest and then the archive: from memory if it is small, else a new stream of
   * the file.
   */
  payload(): Uint8Array | Readable;
  /** Removes what was written on this machine. May be called more than once. */
  dispose(): Promise<void>;
}

/**
 * Source → manifest → packed archive. Leaves nothing behind when it throws: `source_invalid`, `archive_unsafe`,
 * `release_id_invalid`, `disk_full` (of this machine) or `interrupted`.
 */
export async function prepareRelease(
  source: ReleaseSource,
  options: PrepareOptions,
): Promise<PreparedRelease> {
  // A bad id is reported before anything is read; an empty one is an unset variable.
  const given = options.idOverride ?? null;
  const id = given === null ? null : parseReleaseId(given);
  const now = options.now();
  const workDir = await makeWorkFolder(options.tmpDir);
  const overdue = AbortSignal.timeout(LONGEST_MS);
  const signal = AbortSignal.any([overdue, ...(options.signal ? [options.signal] : [])]);
  const dispose = () => removeWorkFolder(workDir);
  try {
    const { env, links, build } = options;
    const tree = await readSource(source, { workDir, env, links, signal, build });
    const archivePath = join(workDir, 'release.tar.gz');
    const packed = await packSource(tree, { archivePath, mtime: now, signal });
    await rm(join(workDir, 'spool'), { force: true });
    await rm(join(workDir, 'download'), { force: true });
    return prepared({
      tree,
      packed,
      archivePath,
      dispose,
      release: releaseOf(
        tree,
        packed,
        id ?? makeReleaseId(now, { commit: tree.commit, digest: packed.digest }),
      ),
    });
  } catch (error) {
    await dispose();
    if (overdue.aborted && options.signal?.aborted !== true) throw tookTooLong();
    throw asRefusal(error, options);
  }
}

async function packSource(
  tree: SourceTree,
  options: Parameters<typeof packTree>[1],
): Promise<PackedTree> {
  if (!tree.entries.some((entry) => entry.kind !== 'folder')) {
    throw new FleetError('source_invalid', `${tree.label} is empty`, {
      hint: 'Build first, or name another source with --from.',
    });
  }
  try {
    const packed = await packTree(tree.entries, options);
    await tree.confirmUnchanged();
    refusePointers(tree, packed);
    return packed;
  } catch (error) {
    if (!(error instanceof ContentFailure)) throw error;
    if (error.cause === null) throw changedWhileRead(tree.label, error.path);
    throw unreadable(tree.label, error.path, error.cause);
  }
}

/** An app with a pointer in place of its model or images starts, and is broken. */
function refusePointers({ label }: SourceTree, { lfsPointer }: PackedTree): void {
  if (lfsPointer === null) return;
  const what = `${label}: ${quoteName(lfsPointer)} is a git-lfs pointer, not the file itself`;
  throw new FleetError('source_invalid', what, {
    hint: 'Run `git lfs pull` where the release is built, or `git lfs install` where git takes it from a commit.',
  });
}

function releaseOf(tree: SourceTree, packed: PackedTree, id: ReleaseId): Release {
  const { commit } = tree;
  const { digest } = packed;
  return { id, version: tree.tag ?? id, commit, digest };
}

function prepared(parts: {
  readonly tree: SourceTree;
  readonly packed: PackedTree;
  readonly release: Release;
  readonly archivePath: string;
  readonly dispose: () => Promise<void>;
}): PreparedRelease {
  const { tree, packed, release, archivePath, dispose } = parts;
  const { manifest, packedManifest, inMemory } = packed;
  const small = inMemory === null ? null : Buffer.concat([packedManifest, inMemory]);
  return {
    release,
    format: 'gzip',
    archivePath,
    bytes: packed.bytes,
    sha256: packed.sha256,
    manifest,
    packedManifest: {
      sha256: createHash('sha256').update(packedManifest).digest('hex'),
      bytes: packedManifest.length,
    },
    unpackedBytes: packed.unpackedBytes,
    files: tree.entries.filter((entry) => entry.kind === 'file').length,
    warnings: tree.warnings,
    payload: () => small ?? Readable.from(behind(packedManifest, archivePath)),
    dispose,
  };
}

async function* behind(head: Buffer, file: string): AsyncGenerator<Buffer> {
  yield head;
  yield* createReadStream(file);
}

const tookTooLong = (): FleetError =>
  new FleetError('source_invalid', 'the release was not packed within 2 hours', {
    hint: 'Is it the right source? Nothing was sent to any host.',
  });

function asRefusal(error: unknown, options: PrepareOptions): unknown {
  if (options.signal?.aborted === true) {
    return new FleetError('interrupted', 'interrupted while the release was packed');
  }
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new FleetError('disk_full', `no space is left in ${options.tmpDir} on this machine`, {
      cause: error,
      hint: 'Free some space there, or name a folder with more: FLEET_STATE_DIR.',
    });
  }
  return error;
}
