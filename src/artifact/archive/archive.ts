import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type ExtractEvents, extract } from 'tar-stream';
import { FleetError } from '../../errors/fleet-error.js';
import { type Content, TREE_LIMITS, type TreeEntry, type TreeLimits } from '../tree/tree.js';
import { ArchiveTree } from './archive-tree.js';

type Member = ExtractEvents['entry'][1];

/** Old tars without a magic word are read too; tar-stream's types lack the option. */
const PARSER = { allowUnknownFormat: true, highWaterMark: 256 * 1024 };

export interface ReadArchiveOptions {
  /** The archive's name in messages. */
  readonly label: string;
  /** A file for the contents of all members, one after the other; made here. */
  readonly spool: string;
  readonly limits?: TreeLimits | undefined;
  /** The size of the archive on disk; a bomb is recognised by how much it grows. */
  readonly packedBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a tar into a tree. No member is ever written under its own name: contents go to one spool file and names
 * stay in memory until all are checked. Throws `archive_unsafe` for a dangerous member, `source_invalid` for an
 * unreadable tar.
 */
export async function readArchive(
  tar: AsyncIterable<Buffer>,
  options: ReadArchiveOptions,
): Promise<readonly TreeEntry[]> {
  const limits = options.limits ?? TREE_LIMITS;
  const parser = extract(PARSER);
  const spool = await open(options.spool, 'wx', 0o600);
  const store = contentStore(spool, options.spool);
  const tree = new ArchiveTree(options.label, limits);
  const { signal } = options;
  try {
    const fed = pipeline(tar, limitBytes(options, limits), parser, signal ? { signal } : {});
    const [feeding, reading] = await Promise.allSettled([fed, addMembers(parser, tree, store)]);
    // The reader's refusal breaks the pipeline, so its error comes first.
    if (reading.status === 'rejected' && reading.reason instanceof FleetError) throw reading.reason;
    if (feeding.status === 'rejected') throw readFailure(options.label, feeding.reason);
    if (reading.status === 'rejected') throw readFailure(options.label, reading.reason);
    return tree.finish();
  } finally {
    await spool.close();
  }
}

type Store = (entry: Member) => Promise<Content>;

async function addMembers(
  parser: AsyncIterable<Member>,
  tree: ArchiveTree,
  store: Store,
): Promise<void> {
  for await (const entry of parser) {
    const { name, type, mode, linkname } = entry.header;
    const sparse = 'pax' in entry.header && hasSparseRecord(entry.header.pax);
    const kind = sparse ? 'sparse file' : (type ?? 'member of an unknown kind');
    const member = { name, kind, mode: mode ?? 0, linkTarget: linkname ?? '' };
    await tree.add(member, () => store(entry));
    entry.resume();
  }
}

function contentStore(spool: FileHandle, path: string): Store {
  let end = 0;
  return async (entry) => {
    const offset = end;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      await spool.writeFile(chunk);
      end += chunk.length;
    }
    return { file: path, offset, size: end - offset };
  };
}

/** Some tars store sparse files as a map and pieces, under an ordinary type. */
function hasSparseRecord(pax: unknown): boolean {
  if (typeof pax !== 'object' || pax === null) return false;
  return Object.keys(pax).some((key) => key.startsWith('GNU.sparse'));
}

/** Below this size the growth is not judged. */
const FREE_BYTES = 256 * 1024 ** 2;
/** Text shrinks to a tenth, a log of equal lines to a hundredth. */
const MOST_GROWTH = 250;

/** Counts the decompressed bytes, so that a bomb is stopped early. */
function limitBytes({ label, packedBytes = Infinity }: ReadArchiveOptions, limits: TreeLimits) {
  const most = limits.bytes + limits.entries * 1024;
  const believable = Math.max(FREE_BYTES, MOST_GROWTH * packedBytes);
  return async function* (chunks: AsyncIterable<Buffer>) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > most) {
        const gib = limits.bytes / 1024 ** 3;
        throw new FleetError('archive_unsafe', `${label} unpacks to more than ${gib} GiB`);
      }
      if (bytes > believable) {
        const why = `unpacks to more than ${MOST_GROWTH} times its size`;
        throw new FleetError('archive_unsafe', `${label} ${why}`, {
          hint: 'Is it damaged? A release that is mostly zeros can be packed as a plain .tar.',
        });
      }
      yield chunk;
    }
  };
}

function readFailure(label: string, cause: unknown): unknown {
  if (cause instanceof FleetError) return cause;
  if (!(cause instanceof Error) || cause.name === 'AbortError') return cause;
  if ('code' in cause && cause.code === 'ENOSPC') return cause;
  return new FleetError('source_invalid', `${label} is not a readable tar: ${cause.message}`, {
    cause,
  });
}
