import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { processContext } from '../../src/cli/context.js';
import { run } from '../../src/cli/main.js';
import { systemClock } from '../../src/cli/system-clock.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A bastion of its own in a temporary folder, without a terminal; its clock stands still unless told. */
export function createBastion(now: () => Date = () => new Date('2026-01-02T03:04:05Z')) {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-cli-'));
  return { dir, fleet: (...argv: readonly string[]) => runIn(dir, argv, now) };
}

async function runIn(dir: string, argv: readonly string[], now: () => Date): Promise<Ran> {
  const stdout = capture();
  const stderr = capture();
  const code = await run(argv, {
    ...processContext(),
    cwd: dir,
    env: { PATH: process.env.PATH },
    home: dir,
    user: 'ada',
    operator: 'ada@bastion',
    // Nobody is there to answer, as in a job whose stdin is /dev/null.
    stdin: Object.assign(new PassThrough().end(), { isTTY: false }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stateDir: join(dir, 'state'),
    clock: { ...systemClock, now },
    onInterrupt: () => () => undefined,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function capture() {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  // A pipe has no columns and no cursor; what a terminal adds is never asked of it.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') };
}
