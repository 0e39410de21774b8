import { FleetError } from '../errors/fleet-error.js';
import { nameProblem, quoteName } from './entry-name.js';
import { findEscapingLink } from './links.js';
import { type Content, sortEntries, type TreeEntry, type TreeLimits } from './tree.js';

/** What a tar says of one member, before it is believed. */
interface ArchiveMember {
  readonly name: string;
  readonly kind: string;
  readonly mode: number;
  readonly linkTarget: string;
}

/** Members of an archive, checked one by one as they come; nothing is unpacked by name. */
export class ArchiveTree {
  readonly #label: string;
  readonly #limits: TreeLimits;
  readonly #entries = new Map<string, TreeEntry>();

  /** `label` is how messages call the archive. */
  constructor(label: string, limits: TreeLimits) {
    this.#label = label;
    this.#limits = limits;
  }

  /** Takes a member; `store` reads its content where it is a file. Throws `archive_unsafe`. */
  async add(member: ArchiveMember, store: () => Promise<Content>): Promise<void> {
    const path = pathOf(this.#label, member);
    if (path === '') return;
    this.#makeRoom(path, member);
    this.#entries.set(path, await this.#entryOf(path, member, store));
    const { entries } = this.#limits;
    if (this.#entries.size > entries) {
      throw unsafe(this.#label, member, `is one more than the ${entries} a release may hold`);
    }
  }

  /** All members in order, after the checks that need the whole. Throws `archive_unsafe`. */
  finish(): readonly TreeEntry[] {
    const sorted = sortEntries(this.#entries.values());
    const escaping = findEscapingLink(sorted);
    if (escaping === null) return sorted;
    throw escapingLink(this.#label, escaping);
  }

  /** Parents that the archive left out are added; one that is no folder would be written through. */
  #makeRoom(path: string, member: ArchiveMember): void {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      const there = this.#entries.get(parent);
      if (there === undefined) this.#entries.set(parent, { kind: 'folder', path: parent });
      else if (there.kind !== 'folder') {
        const why = `goes through ${quoteName(parent)}, which is a ${there.kind}`;
        throw unsafe(this.#label, member, why);
      }
    }
    const there = this.#entries.get(path);
    if (there !== undefined && !(there.kind === 'folder' && member.kind === 'directory')) {
      throw unsafe(this.#label, member, 'is there twice');
    }
  }

  async #entryOf(
    path: string,
    member: ArchiveMember,
    store: () => Promise<Content>,
  ): Promise<TreeEntry> {
    switch (member.kind) {
      case 'directory':
        return { kind: 'folder', path };
      case 'symlink':
        return { kind: 'link', path, target: symlinkTarget(this.#label, member) };
      case 'link':
        return { ...this.#linkedEntry(member), path };
      case 'file':
      case 'contiguous-file': {
        const executable = (member.mode & 0o100) !== 0;
        return { kind: 'file', path, executable, content: await store() };
      }
      default:
        throw unsafe(this.#label, member, `is a ${member.kind}, which a release can not hold`);
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
