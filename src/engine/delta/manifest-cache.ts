import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestEntry } from '../../artifact/tree/manifest.js';
import { manifestText } from '../../artifact/tree/manifest-text.js';
import { ensureOwnFolder } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import { manifestOf } from './read-manifest.js';

/** Hosts keep five releases or so of an app, and several apps may share a bastion. */
const MOST_KEPT = 40;

/**
 * What was in the releases that this bastion has sent, by their digest, so that the next release of them need not ask a
 * host. It can be deleted at any time.
 */
export interface ManifestCache {
  of(digest: string): readonly ManifestEntry[] | null;
  /** Keeps it, and forgets those that were not used for longest. Nothing depends on it, so it never throws. */
  keep(digest: string, manifest: readonly ManifestEntry[]): void;
}

export function openManifestCache(stateDir: string): ManifestCache {
  const folder = join(stateDir, 'manifests');
  const fileOf = (digest: string): string | null => {
    const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
    return hex === undefined ? null : join(folder, hex);
  };
  return {
    of(digest) {
      const file = fileOf(digest);
      return file === null ? null : manifestOf(textIn(file), digest);
    },
    keep(digest, manifest) {
      const file = fileOf(digest);
      if (file === null) return;
      try {
        ensureOwnFolder(folder);
        if (textIn(file) === '') replaceFile(file, manifestText(manifest));
        else utimesSync(file, new Date(), new Date());
        forgetOldest(folder);
      } catch {
        // A full disk, or another person's folder: the next deploy asks a host.
      }
    },
  };
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const aged = files.map((file) => ({ file, at: statSync(file).mtimeMs }));
  const old = aged.toSorted((a, b) => b.at - a.at).slice(MOST_KEPT);
  for (const { file } of old) rmSync(file, { force: true });
}
