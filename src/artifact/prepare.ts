import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { FleetError } from '../errors/fleet-error.js';
import { hasCode } from '../errors/has-code.js';
import type { ReleaseId } from '../model/names.js';
import type { Release } from '../model/releases/release.js';
import { makeReleaseId, parseReleaseId } from '../model/releases/release-id.js';
import type { LinkRule, ReleaseSource } from '../model/runs/app.js';
import type { SourceBuild } from './build/run-build.js';
import { contentTime } from './content-time.js';
import { type Contents, readContents } from './contents.js';
import {
  createPacker,
  type InTime,
  KEEP_IN_MEMORY,
  type PackedRelease,
  type PackRequest,
} from './packer.js';
import { type Original, readSource, type SourceTree, unchanged } from './source-tree.js';
import { quoteName } from './tree/entry-name.js';
import { digestOf, type ManifestEntry } from './tree/manifest.js';
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

/** A release whose files are known. Packed when it is known what hosts need of it. */
export interface ReadRelease {
  readonly release: Release;
  /** What is in it, in bytewise order of path; its `digestOf` is the release's digest. */
  readonly manifest: readonly ManifestEntry[];
  /** What its files hold, in bytes. */
  readonly contentBytes: number;
  /** The size of the unpacked release on a host's disk. */
  readonly unpackedBytes: number;
  /** The time of every member of its archives, see `keepContentTime`. */
  readonly packedAt: Date;
  /** The archive at the URL of `release.from`, if hosts can fetch it themselves; else why not. Absent without a URL. */
  readonly original?: Original | undefined;
  /** How many regular files it holds. */
  readonly files: number;
  /** For a person to read before confirming. */
  readonly warnings: readonly string[];
  /** Packs the whole, or what differs from a base. Each archive is packed once, however often it is asked for. */
  pack(request: PackRequest): Promise<PackedRelease>;
  /** Removes what was written on this machine. May be called more than once. */
  dispose(): Promise<void>;
}

/** A release, packed whole on this machine and ready to be sent to any number of hosts. */
export type PreparedRelease = Omit<ReadRelease, 'pack' | 'contentBytes' | 'packedAt'> &
  PackedRelease;

/**
 * Source → manifest. Leaves nothing behind when it throws: `source_invalid`, `archive_unsafe`,
 * `release_id_invalid`, `disk_full` (of this machine) or `interrupted`.
 */
export async function readRelease(
  source: ReleaseSource,
  options: PrepareOptions,
): Promise<ReadRelease> {
  // A bad id is reported before anything is read; an empty one is an unset variable.
  const given = options.idOverride ?? null;
  const id = given === null ? null : parseReleaseId(given);
  const now = options.now();
  const workDir = await makeWorkFolder(options.tmpDir);
  const dispose = () => removeWorkFolder(workDir);
  const inTime: InTime = async (work) => {
    const overdue = AbortSignal.timeout(LONGEST_MS);
    const signal = AbortSignal.any([overdue, ...(options.signal ? [options.signal] : [])]);
    try {
      return await work(signal);
    } catch (error) {
      if (overdue.aborted && options.signal?.aborted !== true) throw tookTooLong();
      throw asRefusal(error, options);
    }
  };
  try {
    return await inTime(async (signal) => {
      const { env, links, build } = options;
      const tree = await readSource(source, { workDir, env, links, signal, build });
      if (contentBytesOf(tree.entries) > KEEP_IN_MEMORY) collectOften();
      const { manifest, lfsPointer } = await readWhole(tree, signal);
      refusePointer(tree, lfsPointer);
      await rm(join(workDir, 'download'), { force: true });
      const digest = digestOf(manifest);
      const commit = tree.commit;
      const release = releaseOf(tree, digest, id ?? makeReleaseId(now, { commit, digest }));
      const sizes = sizesOf(manifest);
      const { unpackedBytes } = sizes;
      const packedAt = await contentTime({ tmpDir: options.tmpDir, digest }, now);
      const pack = createPacker(tree, {
        workDir,
        mtime: packedAt,
        manifest,
        unpackedBytes,
        inTime,
      });
      const { warnings, original } = tree;
      return { ...sizes, release, manifest, packedAt, original, warnings, pack, dispose };
    });
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** As `readRelease`, and packs the whole. */
export async function prepareRelease(
  source: ReleaseSource,
  options: PrepareOptions,
): Promise<PreparedRelease> {
  const read = await readRelease(source, options);
  try {
    return { ...read, ...(await read.pack({ zstd: false, beyond: null })) };
  } catch (error) {
    await read.dispose();
    throw error;
  }
}

const contentBytesOf = (entries: SourceTree['entries']): number =>
  entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.content.size : 0), 0);

async function readWhole(tree: SourceTree, signal: AbortSignal): Promise<Contents> {
  if (!tree.entries.some((entry) => entry.kind !== 'folder')) {
    throw new FleetError('source_invalid', `${tree.label} is empty`, {
      hint: 'Build first, or name another source with --from.',
    });
  }
  return unchanged(tree, () => readContents(tree.entries, signal));
}

function sizesOf(
  manifest: readonly ManifestEntry[],
): Pick<ReadRelease, 'contentBytes' | 'unpackedBytes' | 'files'> {
  const files = manifest.filter((entry) => entry.kind === 'file');
  return {
    contentBytes: files.reduce((total, { size }) => total + size, 0),
    unpackedBytes: manifest.reduce((total, entry) => total + diskBytes(entry), 0),
    files: files.length,
  };
}

const DISK_BLOCK = 4096;

function diskBytes(entry: ManifestEntry): number {
  if (entry.kind !== 'file') return DISK_BLOCK;
  return Math.ceil(entry.size / DISK_BLOCK) * DISK_BLOCK;
}

/** An app with a pointer in place of its model or images starts, and is broken. */
function refusePointer({ label }: SourceTree, lfsPointer: string | null): void {
  if (lfsPointer === null) return;
  const what = `${label}: ${quoteName(lfsPointer)} is a git-lfs pointer, not the file itself`;
  throw new FleetError('source_invalid', what, {
    hint: 'Run `git lfs pull` where the release is built, or `git lfs install` where git takes it from a commit.',
  });
}

function releaseOf(
  { tag, commit, committedAt }: SourceTree,
  digest: string,
  id: ReleaseId,
): Release {
  const time = committedAt === null ? {} : { committedAt };
  return { id, version: tag ?? id, commit, digest, ...time };
}

const tookTooLong = (): FleetError =>
  new FleetError('source_invalid', 'the release was not packed within 2 hours', {
    hint: 'Is it the right source? Nothing was sent to any host.',
  });

function asRefusal(error: unknown, options: PrepareOptions): unknown {
  if (options.signal?.aborted === true) {
    return new FleetError('interrupted', 'interrupted while the release was packed');
  }
  if (hasCode(error, 'ENOSPC')) {
    return new FleetError('disk_full', `no space is left in ${options.tmpDir} on this machine`, {
      cause: error,
      hint: 'Free some space there, or name a folder with more: FLEET_STATE_DIR.',
    });
  }
  return error;
}

/**
 * What each packet of an upload leaves behind waits to be collected until the space for new objects is full, so that must
 * not grow. That takes 50 hosts from 147 MB to 118, and no more CPU.
 */
function collectOften(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
