import { fstatSync, readSync } from 'node:fs';
import { CHAIN_START, type ChainForm, linkOf } from './link.js';

/** Read first; nearly always it has the last line in it. */
const BLOCK_BYTES = 64 * 1024;

/** Where the chain of a file has got to. */
export interface ChainHead {
  /** What the next line follows: the digest of the last line that has one, and over those after it. */
  readonly digest: string;
  /** The digests at the end of the file, as far back as it was read. */
  readonly recent: ReadonlySet<string>;
}

/** Reads the end of an open file; its bytes are taken as they are, whatever is in them. */
export function headOf(descriptor: number, form: ChainForm): ChainHead {
  const { size } = fstatSync(descriptor);
  for (let length = BLOCK_BYTES; ; length *= 8) {
    const isWhole = length >= size;
    const lines = linesAtEnd(descriptor, size, isWhole ? size : length);
    // The first one may lack its beginning.
    const whole = isWhole ? lines : lines.slice(1);
    const last = whole.findLastIndex((line) => form.open(line) !== null);
    if (last < 0 && !isWhole) continue;
    const links = whole.flatMap((line) => form.open(line)?.digest ?? []);
    const start = links.at(-1) ?? CHAIN_START;
    const digest = whole.slice(last + 1).reduce((before, line) => follow(before, line), start);
    return { digest, recent: new Set(links) };
  }
}

const follow = (before: string, line: string): string => linkOf(before, line, 'latin1');

function linesAtEnd(descriptor: number, size: number, length: number): readonly string[] {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = readSync(descriptor, bytes, read, length - read, size - length + read);
    if (count === 0) break;
    read += count;
  }
  return linesOf(bytes.toString('latin1', 0, read));
}

/** Every line of a text, with one that has no end; the text may end in a newline or not. */
export function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
