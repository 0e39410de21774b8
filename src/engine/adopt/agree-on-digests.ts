import { createHash } from 'node:crypto';
import type { ReleaseId } from '../../model/names.js';
import { isAdopted } from '../../model/releases/release.js';
import type { HostAdoption } from './adoption.js';

/** What each host's own list of a release comes to; null where it could not be listed. */
export type Digests = ReadonlyMap<string, ReadonlyMap<ReleaseId, string | null>>;

/** The digest of each release in the records of all hosts. */
export type AgreedDigests = ReadonlyMap<
  ReleaseId,
  { readonly digest: string; readonly differs: boolean }
>;

/**
 * A release is one thing on all hosts, so it has one digest in their records. Other tools build on each host, so the
 * content may differ: then the digest is that of the name, which says nothing of the content. Each host's
 * own manifest says that.
 */
export function agreeOnDigests(hosts: readonly HostAdoption[], found: Digests): AgreedDigests {
  const said = new Map<ReleaseId, (string | null)[]>();
  const add = (id: ReleaseId, digest: string | null): void => {
    const all = said.get(id) ?? [];
    all.push(digest);
    said.set(id, all);
  };
  for (const { host, facts, releases } of hosts) {
    for (const { id } of releases) {
      const now = found.get(host.name)?.get(id);
      const before = facts.releases.find((each) => each.id === id)?.meta;
      if (now !== undefined) add(id, now);
      else if (before !== undefined && isAdopted(before)) add(id, before.digest);
    }
  }
  return new Map(
    [...said].map(([id, digests]) => {
      const [first, ...others] = new Set(digests);
      const same = first !== undefined && first !== null && others.length === 0;
      const differs = digests.length > 1 && others.length > 0;
      return [id, same ? { digest: first, differs: false } : { digest: nameDigest(id), differs }];
    }),
  );
}

/** As the host program makes it for a release that it finds. */
const nameDigest = (id: ReleaseId): string =>
  `sha256:${createHash('sha256').update(`foreign ${id}`).digest('hex')}`;
