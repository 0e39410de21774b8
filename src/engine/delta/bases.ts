import { type Base, type ChosenBase, chooseBase } from '../../artifact/delta/choose-base.js';
import type { ManifestEntry } from '../../artifact/tree/manifest.js';
import { currentOf } from '../../host/reply/facts.js';
import { isForeign, type Release } from '../../model/releases/release.js';
import type { App } from '../../model/runs/app.js';
import type { ReadHost } from '../reading/host-reading.js';

/** So many releases of a host are compared, the newest. */
const MOST_COMPARED = 5;

/** The releases of a host from which another can be made, `current` first, then the newest. */
export function possibleBases({ facts }: Pick<ReadHost, 'facts'>): readonly Release[] {
  const current = currentOf(facts);
  const own = facts.releases.filter(({ complete, meta }) => complete && !isForeign(meta));
  return own
    .toSorted((a, b) => b.meta.deployedAt.localeCompare(a.meta.deployedAt))
    .toSorted((a, b) => Number(b.id === current) - Number(a.id === current))
    .slice(0, MOST_COMPARED)
    .map(({ meta }) => meta);
}

/** What fleet itself makes in each release on a host. */
const ownPaths = ({ shared }: Pick<App, 'shared'>): readonly string[] => [
  'version.json',
  ...shared.map(({ path }) => path),
];

/** What is in a release, by its digest; null if that is not known. */
export type ManifestOf = (digest: string) => readonly ManifestEntry[] | null;

/** The best base of each host for the release with that manifest; null if the whole is as cheap. */
export function createBaseChoice(
  app: Pick<App, 'shared'>,
  next: readonly ManifestEntry[],
  manifestOf: ManifestOf,
): (host: Pick<ReadHost, 'facts'>) => ChosenBase | null {
  // Most hosts have the same releases.
  const chosen = new Map<string, ChosenBase | null>();
  return (host) => {
    const bases = possibleBases(host).flatMap(({ id, digest }): readonly Base[] => {
      const manifest = manifestOf(digest);
      return manifest === null ? [] : [{ id, digest, manifest }];
    });
    const key = bases.map(({ id, digest }) => `${id} ${digest}`).join('\n');
    const known = chosen.get(key);
    if (known !== undefined) return known;
    const best = chooseBase(bases, next, ownPaths(app));
    chosen.set(key, best);
    return best;
  };
}
