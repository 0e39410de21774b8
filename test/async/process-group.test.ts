import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GroupCommand, runInGroup } from '../../src/async/process-group.js';
import { startTimeOf } from '../../src/files/process-identity.js';

const dir = mkdtempSync(join(tmpdir(), 'fleet-group-'));

async function run(command: string, change: Partial<GroupCommand> = {}) {
  const lines: string[] = [];
  const env = { PATH: process.env.PATH };
  const onLine = (line: string): void => void lines.push(line);
  const end = await runInGroup({ command, dir, env, timeoutMs: 60_000, onLine, ...change });
  return { end, lines };
}

describe('a command of a person', () => {
  test.each([
    ['exit 0', { kind: 'exit', code: 0 }],
    ['exit 7', { kind: 'exit', code: 7 }],
    ['kill -TERM $$', { kind: 'signal', signal: 'SIGTERM' }],
  ])('ends as it did: %s', async (command, end) => {
    expect((await run(command)).end).toEqual(end);
  });

  test('in a folder that is gone is not started', async () => {
    expect((await run('true', { dir: join(dir, 'gone') })).end.kind).toBe('unstarted');
  });

  test('has no stdin, and its lines come from both streams, also the last', async () => {
    const { lines } = await run('cat; printf "a\\n\\n1%%\\r2%%\\nb" ; printf "c\\n" >&2');
    expect(lines.sort()).toEqual(['2%', 'a', 'b', 'c']);
  });

  test('that prints a line without end fills no memory', async () => {
    const { lines } = await run('head -c 50000000 /dev/zero | tr "\\0" x');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(4096);
  });

  test.each([
    ['takes too long', 'timeout', { timeoutMs: 300 }],
    ['fleet is interrupted', 'interrupted', { signal: AbortSignal.timeout(300) }],
  ])('is ended with its children if it %s, even if they ignore that', async (_, kind, change) => {
    const { end } = await run('sh -c \'trap "" TERM; echo $$ >child; sleep 300\' & wait', change);
    expect(end).toEqual({ kind });
    const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
    await expect.poll(() => startTimeOf(child)).toBe(null);
  });

  test('that was interrupted before is not started', async () => {
    const { end, lines } = await run('echo no', { signal: AbortSignal.abort() });
    expect({ end, lines }).toEqual({ end: { kind: 'interrupted' }, lines: [] });
  });

  test('that left a process behind which holds its output ends nevertheless', async () => {
    const began = performance.now();
    expect((await run('sleep 20 & true')).end).toEqual({ kind: 'exit', code: 0 });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
