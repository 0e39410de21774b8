import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The host program as it is sent to hosts; its SHA-256 (hex) is its file name there. */
export interface HostProgram {
  readonly text: string;
  readonly sha256: string;
}

let loaded: HostProgram | undefined;

/** The fragments of `program/`, joined in the order of their names. Read once a process. */
export function loadHostProgram(): HostProgram {
  loaded ??= joinFragments(fileURLToPath(new URL('./program/', import.meta.url)));
  return loaded;
}

function joinFragments(folder: string): HostProgram {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  const text = names
    .sort()
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'))
    .join('\n');
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}
