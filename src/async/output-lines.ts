import { StringDecoder } from 'node:string_decoder';

/** The output of a command as lines, of which the last are kept. */
export interface OutputLines {
  add(chunk: Buffer): void;
  /** The last lines that are not empty; ends the output. */
  last(): readonly string[];
}

/** Of one line: the rest of an endless one is dropped. */
const LONGEST_LINE = 4096;

/** Keeps the last `most` lines of any amount of output; `onLine` gets each as it is complete. */
export function createOutputLines(
  most: number,
  onLine: (line: string) => void = () => undefined,
): OutputLines {
  const decoder = new StringDecoder('utf8');
  const kept: string[] = [];
  let open = '';
  const finish = (line: string): void => {
    // A progress bar writes over its own line.
    const text = line.replace(/\r$/, '').split('\r').at(-1) ?? '';
    if (text.trim() === '') return;
    kept.push(text);
    if (kept.length > most) kept.shift();
    onLine(text);
  };
  return {
    add(chunk) {
      const parts = (open + decoder.write(chunk)).split('\n');
      open = (parts.pop() ?? '').slice(-LONGEST_LINE);
      for (const part of parts) finish(part.slice(-LONGEST_LINE));
    },
    last() {
      finish(open + decoder.end());
      open = '';
      return kept;
    },
  };
}
