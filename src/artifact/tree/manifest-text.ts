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

type Described =
  | Exclude<ManifestEntry, { readonly kind: 'file' }>
  | Omit<Extract<ManifestEntry, { readonly kind: 'file' }>, 'sha256'>;

/**
 * The entries of such a text in bytewise order of path, as `digestOf` expects them. Null if it is not a whole
 * manifest, e.g. one of a folder that could not be read.
 */
export function readManifest(text: string): readonly ManifestEntry[] | null {
  const [head, ...lines] = text.split('\n');
  if (head !== HEAD || lines.pop() !== '') return null;
  const described: Described[] = [];
  const sums = new Map<string, string>();
  for (const line of lines) {
    const sum = readSum(line);
    if (sum !== null) {
      sums.set(sum.path, sum.sha256);
      continue;
    }
    const entry = readDescription(line);
    if (entry === null) return null;
    described.push(entry);
  }
  return inOrder(described, sums);
}

function inOrder(
  described: readonly Described[],
  sums: ReadonlyMap<string, string>,
): readonly ManifestEntry[] | null {
  const entries: { readonly key: Buffer; readonly entry: ManifestEntry }[] = [];
  for (const one of described) {
    const key = Buffer.from(one.path);
    if (one.kind !== 'file') {
      entries.push({ key, entry: one });
      continue;
    }
    const sha256 = sums.get(one.path);
    if (sha256 === undefined) return null;
    entries.push({ key, entry: { ...one, sha256 } });
  }
  if (new Set(described.map(({ path }) => path)).size !== described.length) return null;
  if (described.filter(({ kind }) => kind === 'file').length !== sums.size) return null;
  return entries.sort((one, other) => Buffer.compare(one.key, other.key)).map(({ entry }) => entry);
}

const SUM = /^(\\?)([0-9a-f]{64}) {2}([^\n]+)$/;
const DESCRIPTION = /^# (\\?)(?:file ([0-7]{1,4}) (\d{1,15})|folder ([0-7]{1,4})|link) ([^\n]+)$/;

function readSum(line: string): { readonly path: string; readonly sha256: string } | null {
  const [, mark, sha256, name] = SUM.exec(line) ?? [];
  if (sha256 === undefined || name === undefined) return null;
  return { path: mark === '' ? name : unescaped(name), sha256 };
}

function readDescription(line: string): Described | null {
  const [, mark, fileMode, size, folderMode, name] = DESCRIPTION.exec(line) ?? [];
  if (name === undefined) return null;
  const plain = (text: string): string => (mark === '' ? text : unescaped(text));
  if (fileMode !== undefined) {
    const mode = Number.parseInt(fileMode, 8);
    return { kind: 'file', path: plain(name), mode, size: Number(size) };
  }
  if (folderMode !== undefined) {
    return { kind: 'folder', path: plain(name), mode: Number.parseInt(folderMode, 8) };
  }
  const tab = name.indexOf('\t');
  if (tab <= 0) return null;
  return { kind: 'link', path: plain(name.slice(0, tab)), target: plain(name.slice(tab + 1)) };
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, (whole, letter: string) => UNESCAPED[letter] ?? whole);
}
