import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type KnownHostsLine, readKnownHosts } from './line.js';

type LinesReader = (lines: readonly KnownHostsLine[]) => void;

/** One known_hosts file: read once, then only what was appended. */
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
  let newlines = 0;
  let loading: Promise<void> | undefined;

  function handOut(some: readonly KnownHostsLine[]): void {
    for (const line of some) lines.push(line);
    for (const reader of readers) reader(some);
  }

  async function readOn(): Promise<void> {
    const text = await readFrom(path, offset);
    const firstLine = newlines + 1;
    offset += text.length;
    // A last line without a newline may still be growing, but it counts: ssh reads it too.
    let read = 0;
    let some: KnownHostsLine[] = [];
    for (const line of readKnownHosts(text, path, firstLine)) {
      if (line !== null) some.push(line);
      read += 1;
      if (read % SLICE_LINES !== 0) continue;
      handOut(some);
      some = [];
      await nextTurn();
    }
    newlines += read - 1;
    handOut(some);
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
    // latin1 keeps offsets exact for any bytes in a comment; names and keys are ASCII.
    return bytes.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Read in one turn of the event loop: a few milliseconds. */
const SLICE_LINES = 2000;
