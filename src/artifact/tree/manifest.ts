import { createHash } from 'node:crypto';
import { FOLDER_MODE } from './tree.js';

/** One line of a release's manifest: what must be on a host, without times or names. */
export type ManifestEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      /** Hex. */
      readonly sha256: string;
    };

/**
 * Identifies the content: `sha256:<hex>` over every path, mode, link and content. Times, owners, the order on disk
 * and the kind of source do not count. Expects entries in bytewise order of path.
 */
export function digestOf(entries: readonly ManifestEntry[]): string {
  const hash = createHash('sha256').update('fleet manifest 1\n');
  for (const entry of entries) hash.update(lineOf(entry));
  return `sha256:${hash.digest('hex')}`;
}

/** A line that begins with a backslash is an escaped one, so a newline in a name cannot forge another line. */
function lineOf(entry: ManifestEntry): string {
  const line = fieldsOf(entry).join('\0');
  return line.includes('\n')
    ? `\\${line.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`
    : `${line}\n`;
}

function fieldsOf(entry: ManifestEntry): readonly (string | number)[] {
  switch (entry.kind) {
    case 'folder':
      // A folder of the usual mode has only its name, for digests from before modes were kept.
      return entry.mode === FOLDER_MODE
        ? ['folder', entry.path]
        : ['folder', entry.path, entry.mode.toString(8)];
    case 'link':
      return ['link', entry.path, entry.target];
    case 'file':
      return ['file', entry.path, entry.mode.toString(8), entry.size, entry.sha256];
  }
}
