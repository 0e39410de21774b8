import { FleetError } from '../../errors/fleet-error.js';
import { nameProblem, quoteName } from '../tree/entry-name.js';
import {
  type Content,
  FOLDER_MODE,
  nameBytesOf,
  releaseMode,
  sortEntries,
  type TreeEntry,
  type TreeLimits,
} from '../tree/tree.js';

/** What a tar says of one member, before it is checked. */
interface ArchiveMember {
  readonly name: string;
  readonly kind: string;
  readonly mode: number;
  readonly linkTarget: string;
}

/** Members of an archive, checked one by one as they come; none is unpacked under its own name. */
export class ArchiveTree {
  readonly #label: string;
  readonly #limits: TreeLimits;
  readonly #entries = new Map<string, TreeEntry>();
  #members = 0;
  #bytes = 0;
  #nameBytes = 0;

  /** `label` names the archive in messages. */
  constructor(label: string, limits: TreeLimits) {
    this.#label = label;
    this.#limits = limits;
  }

  /** Adds a member; `store` reads the content of a file. Throws `archive_unsafe`. */
  async add(member: ArchiveMember, store: () => Promise<Content>): Promise<void> {
    this.#members += 1;
    // A folder may occur several times, and is one entry.
    if (this.#members > 2 * this.#limits.entries) throw this.#tooMany(member);
    const path = pathOf(this.#label, member);
    if (path === '') return;
    this.#makeRoom(path, member);
    this.#keep(await this.#entryOf(path, member, store), member);
  }

  /** All members in order. */
  finish(): readonly TreeEntry[] {
    return sortEntries(this.#entries.values());
  }

  /** Sizes count as they will be sent: a hard link counts its content again. */
  #keep(entry: TreeEntry, member: ArchiveMember): void {
    if (!this.#entries.has(entry.path)) this.#nameBytes += nameBytesOf(entry);
    if (entry.kind === 'file') this.#bytes += entry.content.size;
    this.#entries.set(entry.path, entry);
    const { entries, bytes, nameBytes } = this.#limits;
    if (this.#entries.size > entries) throw this.#tooMany(member);
    if (this.#bytes > bytes) {
      throw unsafe(this.#label, member, `makes the release larger than ${bytes / 1024 ** 3} GiB`);
    }
    if (this.#nameBytes > nameBytes) {
      const mib = nameBytes / 1024 ** 2;
      throw unsafe(this.#label, member, `makes all names together longer than ${mib} MiB`);
    }
  }

  #tooMany(member: ArchiveMember): FleetError {
    const { entries } = this.#limits;
    return unsafe(this.#label, member, `is one more than the ${entries} a release may hold`);
  }

  /** Adds parents that the archive left out; a parent that is no folder would be written through. */
  #makeRoom(path: string, member: ArchiveMember): void {
    const missing: string[] = [];
    // From the bottom: if one exists, so do all above it.
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      const there = this.#entries.get(parent);
      if (there?.kind === 'folder') break;
      if (there !== undefined) {
        const why = `goes through ${quoteName(parent)}, which is a ${there.kind}`;
        throw unsafe(this.#label, member, why);
      }
      missing.push(parent);
    }
    for (const parent of missing.reverse())
      this.#keep({ kind: 'folder', path: parent, mode: FOLDER_MODE }, member);
    const there = this.#entries.get(path);
    if (there !== undefined && !(there.kind === 'folder' && member.kind === 'directory')) {
      throw unsafe(this.#label, member, 'occurs twice');
    }
  }

  async #entryOf(
    path: string,
    member: ArchiveMember,
    store: () => Promise<Content>,
  ): Promise<TreeEntry> {
    switch (member.kind) {
      case 'directory':
        return { kind: 'folder', path, mode: releaseMode('folder', member.mode) };
      case 'symlink':
        return { kind: 'link', path, target: symlinkTarget(this.#label, member) };
      case 'link':
        return { ...this.#linkedEntry(member), path };
      case 'file':
      case 'contiguous-file': {
        const mode = releaseMode('file', member.mode);
        return { kind: 'file', path, mode, content: await store() };
      }
      default:
        throw unsafe(this.#label, member, `is a ${member.kind}, which a release cannot hold`);
    }
  }

  /** A hard link becomes a file of its own with the same content. */
  #linkedEntry(member: ArchiveMember): TreeEntry {
    const target = member.linkTarget;
    const fault = pathFault(target);
    if (fault !== null) throw unsafe(this.#label, member, `is a hard link whose target ${fault}`);
    const there = this.#entries.get(plainPath(target));
    if (there !== undefined && there.kind !== 'folder') return there;
    const why = `is a hard link to ${quoteName(target)}, no file before it`;
    throw unsafe(this.#label, member, why);
  }
}

function symlinkTarget(label: string, member: ArchiveMember): string {
  const problem = member.linkTarget === '' ? 'is empty' : nameProblem(member.linkTarget);
  if (problem !== null) throw unsafe(label, member, `is a link whose target ${problem}`);
  return member.linkTarget;
}

function pathOf(label: string, member: ArchiveMember): string {
  const path = plainPath(member.name);
  const fault = pathFault(member.name) ?? nameProblem(path);
  if (fault !== null) throw unsafe(label, member, fault);
  if (path === '' && member.kind !== 'directory') throw unsafe(label, member, 'has no name');
  return path;
}

function pathFault(name: string): string | null {
  if (name.startsWith('/')) return 'is absolute';
  return name.split('/').includes('..') ? 'has ".." in its path' : null;
}

/** Without `.`, empty parts and a trailing slash; `''` is the root itself. */
function plainPath(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function unsafe(label: string, member: ArchiveMember, why: string): FleetError {
  return new FleetError('archive_unsafe', `${label}: the member ${quoteName(member.name)} ${why}`, {
    hint: 'Pack the release again from a folder of its own: tar -czf release.tar.gz -C dist .',
  });
}
