import { type FileHandle, open } from 'node:fs/promises';
import { type KnownHostsLine, parseKnownHosts } from './known-hosts-line.js';

type LinesReader = (lines: readonly KnownHostsLine[]) => void;

/** One known_hosts file, read once and then only as far as it grew. */
export interface KnownHostsFile {
  /** Reads the file the first time; later calls give the same promise. A missing file is empty. */
  load(): Promise<void>;
  /** Reads what was appended since. */
  readOn(): Promise<void>;
  /** Hands over the lines read so far, and further ones as they are read. */
  subscribe(reader: LinesReader): void;
}

export function createKnownHostsFile(path: string): KnownHostsFile {
  const lines: KnownHostsLine[] = [];
  const readers: LinesReader[] = [];
  let offset = 0;
  let lineNumber = 0;
  let loading: Promise<void> | undefined;

  async function readOn(): Promise<void> {
    const text = await readFrom(path, offset);
    // A last line without its newline may still be growing, but it counts: ssh reads it too.
    const parsed = parseKnownHosts(text, path).map((line) => ({
      ...line,
      line: line.line + lineNumber,
    }));
    offset += text.length;
    lineNumber += text.split('\n').length - 1;
    lines.push(...parsed);
    for (const reader of readers) reader(parsed);
  }

  return {
    load() {
      loading ??= readOn();
      return loading;
    },
    readOn,
    subscribe(reader) {
      readers.push(reader);
      reader(lines);
    },
  };
}

async function readFrom(path: string, offset: number): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    // latin1 keeps offsets exact whatever bytes a comment holds; names and keys are ASCII.
    return bytes.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
