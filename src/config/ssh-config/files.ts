import { readFile } from 'node:fs/promises';
import type { Problem } from '../../errors/fleet-error.js';
import { includePaths } from '../paths/include-paths.js';
import { distrustOf, type Owners } from '../paths/owners.js';
import { type Place, problemIn } from '../yaml/place.js';
import { type SourceText, sourceText } from '../yaml/source-text.js';
import { asksFinalPass, type Condition, matchCondition, runsProgram } from './condition.js';
import { isHonoured } from './keywords.js';
import { parseLine } from './line.js';

/** A line with a keyword that fleet honours, and all that must hold for it to apply. */
export interface SshConfigLine {
  /** In lower case. */
  readonly keyword: string;
  readonly values: readonly string[];
  /** One and the same array for all lines of a section. */
  readonly conditions: readonly Condition[];
  readonly place: Place;
}

/** Where a reading starts, and where its relative Includes do. */
export interface SshConfigRoot {
  readonly path: string;
  readonly includeDir: string;
}

/** The files of an ssh_config as text, Includes followed, in the order in which ssh reads them. */
export interface SshConfigText {
  readonly lines: readonly SshConfigLine[];
  /** Why the text may be incomplete or wrong; ssh itself decides. */
  readonly faults: readonly Problem[];
  /** Whether ssh would read it a second time, with the HostName for the host. */
  readonly hasFinalPass: boolean;
  readonly canonicalizes: boolean;
  /** Where a `Match exec` has ssh run a program. */
  readonly programs: readonly Place[];
  /** By path, to show a line that ssh complains of. */
  readonly sources: ReadonlyMap<string, SourceText>;
}

/** As OpenSSH has it. */
const MAX_DEPTH = 16;
/** A file that includes itself twice would else be read 65,536 times. */
const MAX_FILES = 1000;

interface Reading extends SshConfigText {
  readonly home: string;
  readonly show: (path: string) => string;
  /** Who may have written what is read; null where ssh itself looks at that. */
  readonly owners: Owners;
  readonly lines: SshConfigLine[];
  readonly faults: Problem[];
  readonly unreadable: Problem[];
  readonly programs: Place[];
  readonly sources: Map<string, SourceText>;
  files: number;
  hasFinalPass: boolean;
  canonicalizes: boolean;
}

/** Reads files of which any may be missing; one that exists and cannot be read is a problem. */
export async function readSshConfig(
  roots: readonly SshConfigRoot[],
  person: Pick<Reading, 'home' | 'show' | 'owners'>,
): Promise<{ readonly text: SshConfigText; readonly unreadable: readonly Problem[] }> {
  const reading: Reading = {
    ...person,
    lines: [],
    faults: [],
    unreadable: [],
    programs: [],
    sources: new Map(),
    files: 0,
    hasFinalPass: false,
    canonicalizes: false,
  };
  for (const root of roots) {
    await readInto(reading, { ...root, depth: 0, conditions: [], from: null });
  }
  return { text: reading, unreadable: reading.unreadable };
}

interface FileToRead extends SshConfigRoot {
  readonly depth: number;
  /** What holds at the Include that names it. */
  readonly conditions: readonly Condition[];
  /** That Include; null for a root. */
  readonly from: Place | null;
}

async function readInto(reading: Reading, file: FileToRead): Promise<void> {
  const source = await sourceOf(reading, file);
  let { conditions } = file;
  for (const { text, place } of source === null ? [] : linesOf(source)) {
    const line = parseLine(text);
    if (line.kind === 'blank') continue;
    const section = line.kind === 'malformed' ? null : sectionOf(line.keyword, line.values);
    if (line.kind === 'malformed' || section === null) {
      reading.faults.push(problemIn(place, { message: 'a line that cannot be read' }));
    } else if (section !== undefined) {
      conditions = [...file.conditions, section];
      if (asksFinalPass(section)) reading.hasFinalPass = true;
      if (runsProgram(section)) reading.programs.push(place);
    } else if (line.keyword === 'include') {
      await include(reading, line.values, { ...file, conditions, from: place });
    } else note(reading, { keyword: line.keyword, values: line.values, conditions, place });
  }
}

function* linesOf(source: SourceText): Generator<{ readonly text: string; readonly place: Place }> {
  const { lineStarts } = source.lines;
  for (const [index, start] of lineStarts.entries()) {
    const end = (lineStarts[index + 1] ?? source.text.length + 1) - 1;
    const text = source.text.slice(start, end);
    yield { text, place: { source, span: { start: start + Math.max(0, text.search(/\S/)), end } } };
  }
}

/** Undefined for a line that does not begin a section, null for one that cannot be read. */
function sectionOf(keyword: string, values: readonly string[]): Condition | null | undefined {
  if (keyword === 'host') return { kind: 'host', patterns: values };
  return keyword === 'match' ? matchCondition(values) : undefined;
}

function note(reading: Reading, line: SshConfigLine): void {
  if (line.keyword === 'canonicalizehostname' && !/^(no|false)$/i.test(line.values[0] ?? '')) {
    reading.canonicalizes = true;
  }
  if (isHonoured(line.keyword)) reading.lines.push(line);
}

async function include(
  reading: Reading,
  patterns: readonly string[],
  file: FileToRead & { readonly from: Place },
): Promise<void> {
  const fault = (message: string): void => {
    reading.faults.push(problemIn(file.from, { message }));
  };
  if (file.depth >= MAX_DEPTH) return fault('files include one another too deeply');
  for (const pattern of patterns) {
    const paths = await includePaths(pattern, { dir: file.includeDir, home: reading.home });
    if (paths === null) fault(`only ssh itself can work out which files match ${pattern}`);
    for (const path of paths ?? []) {
      if (reading.files >= MAX_FILES) return fault(`more than ${MAX_FILES} files are included`);
      await readInto(reading, { ...file, path, depth: file.depth + 1 });
    }
  }
}

/** Null where the file is missing or cannot be used. */
async function sourceOf(reading: Reading, file: FileToRead): Promise<SourceText | null> {
  reading.files += 1;
  const known = reading.sources.get(file.path);
  if (known !== undefined) return known;
  const distrust = await distrustOf(file.path, reading.owners);
  if (distrust !== null) {
    const message = `${reading.show(distrust.path)} cannot be trusted: ${distrust.reason}`;
    reading.unreadable.push(file.from === null ? { message } : problemIn(file.from, { message }));
    return null;
  }
  try {
    const source = sourceText(reading.show(file.path), await readFile(file.path, 'utf8'));
    reading.sources.set(file.path, source);
    return source;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const words = { message: `${reading.show(file.path)} cannot be read: ${message}` };
    if (file.from === null) reading.unreadable.push(words);
    else reading.faults.push(problemIn(file.from, words));
    return null;
  }
}
