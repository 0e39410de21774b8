import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const LONGEST_LINE = 4096;

/**
 * Calls back with each line of a child's output, and at its end with the rest. A line that never ends
 * is passed on in pieces, so that it fills no memory. Of a line that was written over, as by a progress
 * bar, only the last text counts.
 */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const tell = (line: string): void => {
    const text = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
    if (text.trim() !== '') onLine(text.slice(0, LONGEST_LINE));
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
    if (rest.length <= LONGEST_LINE) return;
    tell(rest);
    rest = '';
  });
  stream.on('error', () => undefined);
  stream.on('close', () => tell(rest));
}
