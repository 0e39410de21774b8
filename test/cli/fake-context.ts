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
  return {
    dir,
    fleet: (...argv: readonly string[]) => runIn({ dir, argv, now, interruptAt: [] }),
    /** Ctrl-C is pressed each time that stderr comes to the next of these texts. */
    interrupted: (interruptAt: readonly string[], ...argv: readonly string[]) =>
      runIn({ dir, argv, now, interruptAt }),
  };
}

interface Command {
  readonly dir: string;
  readonly argv: readonly string[];
  readonly now: () => Date;
  readonly interruptAt: readonly string[];
}

async function runIn({ dir, argv, now, interruptAt }: Command): Promise<Ran> {
  const awaited = [...interruptAt];
  let press: () => void = () => undefined;
  const stdout = capture();
  const stderr = capture((text) => {
    if (awaited[0] === undefined || !text.includes(awaited[0])) return;
    awaited.shift();
    press();
  });
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
    onInterrupt(callback) {
      press = () => callback('asked');
      return () => undefined;
    },
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function capture(hear: (text: string) => void = () => undefined) {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString());
    hear(chunk.toString());
  });
  // A pipe has no columns and no cursor; what a terminal adds is never asked of it.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') };
}
