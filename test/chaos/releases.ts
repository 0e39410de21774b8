import { createHash } from 'node:crypto';
import { SICK_FILE } from '../e2e/support/shop-app.js';

/** What is wrong with a release: it dies 300 ms after its start, after 3 s, or fails its check. */
export type Flaw = 'none' | 'dies' | 'dies-late' | 'unhealthy';

/** One entry of a release; folders are known by what is in them. */
export type Entry =
  | { readonly kind: 'file'; readonly sha256: string; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string };
export type Entries = ReadonlyMap<string, Entry>;

/** A release as it was made, before fleet had it. */
export interface KnownRelease {
  readonly flaw: Flaw;
  readonly entries: Entries;
  /** Another tool made it: fleet writes nothing into it. */
  readonly foreign?: boolean | undefined;
}
export type KnownReleases = ReadonlyMap<string, KnownRelease>;

/** The files of a release by path; what begins with `#!` is a program. */
export type ReleaseFiles = ReadonlyMap<string, string>;
/** Its links, by path. */
export const RELEASE_LINKS: ReadonlyMap<string, string> = new Map([['lib/latest', 'part1']]);

const SERVE = 'busybox httpd -f -p 8080 -h .';
const START: Readonly<Record<Flaw, string>> = {
  none: `exec ${SERVE}`,
  unhealthy: `exec ${SERVE}`,
  dies: 'sleep 0.3\necho "shop: no such table: orders" >&2\nexit 7',
  'dies-late': `exec timeout 3 ${SERVE}`,
};

/** A web app that serves its own folder; every release also dies where {@link SICK_FILE} is. */
export function releaseFiles(id: string, flaw: Flaw): ReleaseFiles {
  const sick = `if test -e ${SICK_FILE}; then sleep 0.3; echo "shop: sick" >&2; exit 9; fi`;
  const parts = [1, 2, 3, 4].map((part): readonly [string, string] => [
    `lib/part${part}/module.txt`,
    `${id} ${part}\n`.repeat(100 * part),
  ]);
  return new Map([
    ['bin/start', `#!/bin/sh\n# ${id}\n${sick}\n${START[flaw]}\n`],
    ['rollback.sh', '#!/bin/sh\necho "leaving $FLEET_FROM for $FLEET_TO"\n'],
    ['bin/smoke', '#!/bin/sh\nexit 0\n'],
    ['health', flaw === 'unhealthy' ? 'ill\n' : 'well\n'],
    ['index.html', `${id}\n`],
    ...parts,
  ]);
}

/** What must be found of it on a host. */
export function entriesOf(files: ReleaseFiles): Entries {
  const found = [...files].map(([path, text]): readonly [string, Entry] => [
    path,
    { kind: 'file', sha256: sha256(text), executable: text.startsWith('#!') },
  ]);
  const links = [...RELEASE_LINKS].map(([path, target]): readonly [string, Entry] => [
    path,
    { kind: 'link', target },
  ]);
  return new Map([...found, ...links]);
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
