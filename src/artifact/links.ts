import type { TreeEntry } from './tree.js';

/** What the kernel allows before it says ELOOP. */
const MAX_HOPS = 40;

/**
 * Finds a symbolic link that is absolute or leads out of the release, following every link on the
 * way as a kernel would: `a/b -> ../..` and then `c -> a/b/..` stay inside by their spelling alone.
 * Links to nothing and loops stay where they are, so they pass.
 */
export function findEscapingLink(
  entries: readonly TreeEntry[],
): Extract<TreeEntry, { kind: 'link' }> | null {
  const targets = new Map<string, string>();
  for (const entry of entries) if (entry.kind === 'link') targets.set(entry.path, entry.target);
  for (const entry of entries) {
    if (entry.kind === 'link' && escapes(entry.path, targets)) return entry;
  }
  return null;
}

function escapes(link: string, targets: ReadonlyMap<string, string>): boolean {
  const pending = link.split('/');
  const at: string[] = [];
  let hops = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    at.push(part);
    const target = targets.get(at.join('/'));
    if (target === undefined) continue;
    if (target.startsWith('/')) return true;
    hops += 1;
    if (hops > MAX_HOPS) return false;
    at.pop();
    pending.unshift(...target.split('/'));
  }
  return false;
}
