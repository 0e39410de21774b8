import { FleetError } from '../errors/fleet-error.js';
import { nameProblem, quoteName } from './entry-name.js';
import { findEscapingLink } from './links.js';
import { sortEntries, type TreeEntry, type TreeLimits } from './tree.js';

/** What a tar says of one member, before it is believed. */
export interface ArchiveMember {
  readonly name: string;
  readonly kind: string;
  readonly mode: number;
  readonly linkTarget: string;
}

/** Members of an archive, checked one by one as they come; nothing is unpacked by name. */
export interface ArchiveTree {
  /** Takes a member; `store` reads its content where it is a file. Throws `archive_unsafe`. */
  add(member: ArchiveMember, store: () => Promise<FileContent>): Promise<void>;
  /** All members in order, after the checks that need the whole. Throws `archive_unsafe`. */
  finish(): readonly TreeEntry[];
}

type FileContent = Extract<TreeEntry, { kind: 'file' }>['content'];

/** Starts the tree of one archive; `label` is how messages call it. */
export function createArchiveTree(label: string, limits: TreeLimits): ArchiveTree {
  const entries = new Map<string, TreeEntry>();

  return {
    async add(member, store) {
      const path = pathOf(label, member);
      if (path === '') return;
      makeRoom(path, member);
      const entry = await entryOf(path, member, store);
      entries.set(path, entry);
      if (entries.size > limits.entries) {
        throw unsafe(label, member, `is one more than the ${limits.entries} a release may hold`);
      }
    },
    finish() {
      const sorted = sortEntries(entries.values());
      const escaping = findEscapingLink(sorted);
      if (escaping === null) return sorted;
      throw escapingLink(label, escaping);
    },
  };

  /** Parents that the archive left out are added; one that is no folder would be written through. */
  function makeRoom(path: string, member: ArchiveMember): void {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      const there = entries.get(parent);
      if (there === undefined) entries.set(parent, { kind: 'folder', path: parent });
      else if (there.kind !== 'folder') {
        throw unsafe(label, member, `goes through ${quoteName(parent)}, which is a ${there.kind}`);
      }
    }
    const there = entries.get(path);
    if (there !== undefined && !(there.kind === 'folder' && member.kind === 'directory')) {
      throw unsafe(label, member, 'is there twice');
    }
  }

  async function entryOf(
    path: string,
    member: ArchiveMember,
    store: () => Promise<FileContent>,
  ): Promise<TreeEntry> {
    switch (member.kind) {
      case 'directory':
        return { kind: 'folder', path };
      case 'symlink':
        return { kind: 'link', path, target: symlinkTarget(label, member) };
      case 'link':
        return { ...linkedEntry(member), path };
      case 'file':
      case 'contiguous-file': {
        const executable = (member.mode & 0o100) !== 0;
        return { kind: 'file', path, executable, content: await store() };
      }
      default:
        throw unsafe(label, member, `is a ${member.kind}, which a release can not hold`);
    }
  }

  /** A hard link becomes a file of its own with the same content. */
  function linkedEntry(member: ArchiveMember): TreeEntry {
    const target = member.linkTarget;
    const fault = pathFault(target);
    if (fault !== null) throw unsafe(label, member, `is a hard link whose target ${fault}`);
    const there = entries.get(plainPath(target));
    if (there !== undefined && there.kind !== 'folder') return there;
    throw unsafe(label, member, `is a hard link to ${quoteName(target)}, no file before it`);
  }
}

/** The same words for a folder's link and an archive's. */
export function escapingLink(label: string, link: { path: string; target: string }): FleetError {
  const where = `${quoteName(link.path)} -> ${quoteName(link.target)}`;
  return new FleetError('archive_unsafe', `${label}: the link ${where} leaves the release`, {
    hint: 'Links must be relative and stay inside. What lives outside belongs into `shared:`.',
  });
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

/** Without `.`, empty parts and the slash at the end; `''` is the root itself. */
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
