import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type HostLog, type HostState, readHostLog, readHostState } from './host-state.js';
import { type Entries, type Entry, sha256 } from './releases.js';

/** What `current` is. */
export type Current =
  | { readonly kind: 'absent' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'foreign' };

/** A folder in releases/ as it is found. */
export interface FoundRelease {
  /** Without version.json, which fleet writes itself. */
  readonly entries: Entries;
  readonly version: string | null;
  /** `staged`, `healthy` or `bad`, as its marker says; null where there is no marker. */
  readonly standing: string | null;
}

/** An app's folder on a host, read from outside. */
export interface HostTree {
  readonly current: Current;
  readonly releases: ReadonlyMap<string, FoundRelease>;
  readonly state: HostState | null;
  readonly log: HostLog;
}

/** Reads everything below an app's root. */
export function readHostTree(root: string): HostTree {
  const names = listIfThere(`${root}/releases`).filter((name) => !name.startsWith('.'));
  return {
    current: readCurrent(root),
    releases: new Map(names.map((name) => [name, readRelease(root, name)])),
    state: readHostState(root),
    log: readHostLog(root),
  };
}

export function readCurrent(root: string): Current {
  const link = join(root, 'current');
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  try {
    return { kind: 'link', target: readlinkSync(link) };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { kind: 'absent' };
    return { kind: 'foreign' };
  }
}

/** The release that a link names, by a path of either form; null where it names none. */
export function currentRelease(current: Current): string | null {
  if (current.kind !== 'link') return null;
  return /^(?:\/opt\/shop\/)?releases\/([^/]+)$/.exec(current.target)?.[1] ?? null;
}

export function readRelease(root: string, id: string): FoundRelease {
  const folder = join(root, 'releases', id);
  const entries = new Map<string, Entry>();
  collect(folder, '', entries);
  entries.delete('version.json');
  return {
    entries,
    version: textIfThere(join(folder, 'version.json')),
    standing: textIfThere(join(root, '.fleet/releases', id))?.split(' ')[0] ?? null,
  };
}

function collect(folder: string, prefix: string, entries: Map<string, Entry>): void {
  for (const name of listIfThere(join(folder, prefix))) {
    const path = join(prefix, name);
    const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isDirectory()) collect(folder, path, entries);
    else entries.set(path, readEntry(join(folder, path), stat));
  }
}

function readEntry(file: string, stat: { isSymbolicLink(): boolean; mode: number }): Entry {
  if (stat.isSymbolicLink()) return { kind: 'link', target: readlinkSync(file) };
  const executable = (stat.mode & 0o100) !== 0;
  return { kind: 'file', sha256: sha256(readFileSync(file)), executable };
}

function listIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
