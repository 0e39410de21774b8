import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The host program as it is sent to hosts; its SHA-256 (hex) is its file name there. */
export interface HostProgram {
  readonly text: string;
  readonly sha256: string;
}

let loaded: HostProgram | undefined;

/** The fragments in the folders of `program/`, joined in the order of their file names. Read once a process. */
export function loadHostProgram(): HostProgram {
  loaded ??= joinFragments(fileURLToPath(new URL('./program/', import.meta.url)));
  return loaded;
}

function joinFragments(folder: string): HostProgram {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const text = files
    .filter((file) => file.endsWith('.sh'))
    .map((file) => ({ file, name: basename(file) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ file }) => readFileSync(`${folder}${file}`, 'utf8'))
    .join('\n');
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}
