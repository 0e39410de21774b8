import { describe, expect, test } from 'vitest';
import { createBacklog } from '../../../src/ui/terminal/backlog.js';

const MIB = 1024 * 1024;

/** A stream whose reader takes nothing until the test says so. */
function stoppedReader() {
  const waiting: string[] = [];
  const read: string[] = [];
  return {
    read,
    stream: {
      write: (text: string) => void waiting.push(text),
      get writableLength() {
        return waiting.reduce((sum, text) => sum + text.length, 0);
      },
    },
    readAll: () => void read.push(...waiting.splice(0)),
  };
}

describe('output that is not read', () => {
  test('is kept up to a limit, then counted, and the count is written in its place', () => {
    const { stream, read, readAll } = stoppedReader();
    const write = createBacklog(stream, (message) => `(${message})`);
    for (let i = 0; i < 100; i += 1) write(`${i}`.padEnd(MIB));
    expect(stream.writableLength).toBeLessThanOrEqual(17 * MIB);
    readAll();
    write('on');
    readAll();
    expect(read.slice(-2)).toEqual(['(83 messages left out, since the reader was too slow)', 'on']);
    expect(read).toHaveLength(17 + 2);
  });

  test('goes on only once half of it was read, so that one gap does not become many', () => {
    const { stream, read, readAll } = stoppedReader();
    const write = createBacklog(stream, (message) => `(${message})`);
    for (let i = 0; i < 20; i += 1) write('x'.repeat(MIB));
    readAll();
    for (let i = 0; i < 3; i += 1) write('y');
    readAll();
    expect(read.filter((text) => text.startsWith('('))).toHaveLength(1);
  });

  test('is written at once if it is read', () => {
    const { stream, read, readAll } = stoppedReader();
    const write = createBacklog(stream, () => 'left out');
    for (let i = 0; i < 100; i += 1) {
      write('x'.repeat(MIB));
      readAll();
    }
    expect(read).toHaveLength(100);
  });
});
