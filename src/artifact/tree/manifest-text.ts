import type { ManifestEntry } from './manifest.js';

const HEAD = '# fleet manifest 1';

/**
 * A manifest as hosts keep it, and as `list_tree` of the host program prints a folder. The form is that of
 * sha256sum(1), so that `sha256sum -c` checks the files. The other lines are comments there:
 *
 *     # fleet manifest 1
 *     # file MODE SIZE PATH
 *     # folder MODE PATH
 *     # link PATH<tab>TARGET
 *     SHA256  PATH
 *
 * All but the first are in bytewise order, as `LC_ALL=C sort` gives it. A line with a backslash, newline or carriage
 * return in a name, or a link's with a tab in one, is escaped as sha256sum does it: a backslash before its first word,
 * and `\\ \n \r \t` in its names.
 */
export function manifestText(entries: readonly ManifestEntry[]): string {
  const lines = entries.flatMap(linesOf).map((line) => Buffer.from(line));
  lines.sort((one, other) => Buffer.compare(one, other));
  return [HEAD, ...lines, ''].join('\n');
}

function linesOf(entry: ManifestEntry): readonly string[] {
  const name = escaped(entry.path);
  switch (entry.kind) {
    case 'folder':
      return [`# ${name.mark}folder ${entry.mode.toString(8)} ${name.text}`];
    case 'link':
      return [linkLine(entry.path, entry.target)];
    case 'file':
      return [
        `# ${name.mark}file ${entry.mode.toString(8)} ${entry.size} ${name.text}`,
        `${name.mark}${entry.sha256}  ${name.text}`,
      ];
  }
}

function linkLine(path: string, target: string): string {
  const plain = ![path, target].some((text) => /[\\\n\r\t]/.test(text));
  if (plain) return `# link ${path}\t${target}`;
  const tabs = (text: string): string => escapeAll(text).replaceAll('\t', '\\t');
  return `# \\link ${tabs(path)}\t${tabs(target)}`;
}

function escaped(name: string): { readonly mark: string; readonly text: string } {
  return /[\\\n\r]/.test(name) ? { mark: '\\', text: escapeAll(name) } : { mark: '', text: name };
}

function escapeAll(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** One line of a manifest, or of what `list_tree` prints. */
export type ManifestLine =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly size: number }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'sum'; readonly path: string; readonly sha256: string }
  /** A file that the login user may not read, and what is no file, folder or link. */
  | { readonly kind: 'unread' | 'other'; readonly path: string };

/**
 * The entries of such a text in bytewise order of path, as `digestOf` expects them. Null if it is not a whole
 * manifest, e.g. one of a folder that could not be read.
 */
export function readManifest(text: string): readonly ManifestEntry[] | null {
  const [head, ...lines] = text.split('\n');
  if (head !== HEAD || lines.pop() !== '') return null;
  const found = new Map<string, ManifestLine>();
  const sums = new Map<string, string>();
  for (const text of lines) {
    const line = readManifestLine(text);
    if (line === null) return null;
    const { path } = line;
    if (line.kind === 'sum' ? sums.has(path) : found.has(path)) return null;
    if (line.kind === 'sum') sums.set(path, line.sha256);
    else found.set(path, line);
  }
  return entriesOf(found, sums);
}

function entriesOf(
  found: ReadonlyMap<string, ManifestLine>,
  sums: ReadonlyMap<string, string>,
): readonly ManifestEntry[] | null {
  const entries: { readonly key: Buffer; readonly entry: ManifestEntry }[] = [];
  let files = 0;
  for (const line of found.values()) {
    const entry = entryOf(line, sums);
    if (entry === null) return null;
    if (entry.kind === 'file') files += 1;
    entries.push({ key: Buffer.from(entry.path), entry });
  }
  if (files !== sums.size) return null;
  return entries.sort((one, other) => Buffer.compare(one.key, other.key)).map(({ entry }) => entry);
}

function entryOf(line: ManifestLine, sums: ReadonlyMap<string, string>): ManifestEntry | null {
  switch (line.kind) {
    case 'folder':
    case 'link':
      return line;
    case 'file': {
      const sha256 = sums.get(line.path);
      return sha256 === undefined ? null : { ...line, sha256 };
    }
    default:
      return null;
  }
}

const SUM = /^(\\?)(?<sha256>[0-9a-f]{64}) {2}(?<name>[^\n]+)$/;
const DESCRIPTION =
  /^# (\\?)(?:file (?<mode>[0-7]{1,4}) (?<size>\d{1,15})|folder (?<folder>[0-7]{1,4})|(?<word>link|unread|other)) (?<name>[^\n]+)$/;

/** Null if it is not such a line. */
export function readManifestLine(line: string): ManifestLine | null {
  const match = SUM.exec(line) ?? DESCRIPTION.exec(line);
  const { sha256, mode, size, folder, word, name } = match?.groups ?? {};
  if (name === undefined) return null;
  const plain = (text: string): string => (match?.[1] === '' ? text : unescaped(text));
  const path = plain(name);
  if (sha256 !== undefined) return { kind: 'sum', path, sha256 };
  if (mode !== undefined) {
    return { kind: 'file', path, mode: Number.parseInt(mode, 8), size: Number(size) };
  }
  if (folder !== undefined) return { kind: 'folder', path, mode: Number.parseInt(folder, 8) };
  if (word === 'unread' || word === 'other') return { kind: word, path };
  const tab = name.indexOf('\t');
  if (tab <= 0) return null;
  return { kind: 'link', path: plain(name.slice(0, tab)), target: plain(name.slice(tab + 1)) };
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, (whole, letter: string) => UNESCAPED[letter] ?? whole);
}
