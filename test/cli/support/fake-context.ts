import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Context, processContext } from '../../../src/cli/context/context.js';
import { systemClock } from '../../../src/cli/context/system-clock.js';
import { run } from '../../../src/cli/main.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A bastion of its own in a temporary folder, without a terminal; its clock does not move unless set. With `haste`
 * all its waits are so many times shorter: pauses between tries, and how long it goes on trying.
 */
export function createBastion(
  now: () => Date = () => new Date('2026-01-02T03:04:05Z'),
  { haste = 1, person }: { readonly haste?: number; readonly person?: Context['person'] } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-cli-'));
  return {
    dir,
    fleet: (...argv: readonly string[]) => runIn(dir, argv, { now, haste, person }),
    /** At a terminal, where the question is answered by these keys; none for no one who answers. */
    answer: (keys: string, ...argv: readonly string[]) =>
      runIn(dir, argv, { now, person, ...personAt(keys) }),
    /** With Ctrl-C as soon as `when` holds, which is looked at a hundred times a second. */
    interrupted: (when: () => boolean, ...argv: readonly string[]) =>
      runIn(dir, argv, { now, onInterrupt: interruptOnce(when) }),
    /** Ctrl-C is pressed each time that stderr comes to the next of these texts. */
    interruptedAt: (texts: readonly string[], ...argv: readonly string[]) =>
      runIn(dir, argv, { now, person, ...interruptAt(texts) }),
  };
}

interface Surroundings {
  readonly now: () => Date;
  readonly haste?: number;
  readonly person?: Context['person'] | undefined;
  readonly stdin?: Context['stdin'];
  readonly onStderr?: (text: string) => void;
  readonly onInterrupt?: Context['onInterrupt'];
}

function personAt(keys: string): Pick<Surroundings, 'stdin' | 'onStderr'> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  return {
    stdin,
    onStderr: (text) => {
      // What is typed before the question can be read is no answer.
      if (text.includes('[y/N]')) setImmediate(() => stdin.write(keys));
    },
  };
}

const interruptOnce =
  (when: () => boolean): Context['onInterrupt'] =>
  (callback) => {
    const look = setInterval(() => {
      if (!when()) return;
      clearInterval(look);
      callback('asked');
    }, 10);
    return () => clearInterval(look);
  };

function interruptAt(texts: readonly string[]): Pick<Surroundings, 'onStderr' | 'onInterrupt'> {
  const awaited = [...texts];
  let press: () => void = () => undefined;
  return {
    onStderr: (text) => {
      if (awaited[0] === undefined || !text.includes(awaited[0])) return;
      awaited.shift();
      press();
    },
    onInterrupt: (callback) => {
      press = () => callback('asked');
      return () => undefined;
    },
  };
}

async function runIn(dir: string, argv: readonly string[], around: Surroundings): Promise<Ran> {
  const stdout = capture();
  const stderr = capture(around.onStderr);
  const code = await run(argv, {
    ...processContext(),
    cwd: dir,
    env: { PATH: process.env.PATH },
    home: dir,
    user: 'ada',
    operator: `${around.person?.proven.account ?? 'ada'}@bastion`,
    ...(around.person === undefined ? {} : { person: around.person }),
    // No one can answer, as in a job whose stdin is /dev/null.
    stdin: around.stdin ?? Object.assign(new PassThrough().end(), { isTTY: false }),
    stdout: stdout.stream,
    stderr: Object.assign(stderr.stream, { isTTY: around.stdin !== undefined }),
    stateDir: join(dir, 'state'),
    clock: clockOf(around),
    onInterrupt: around.onInterrupt ?? (() => () => undefined),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function clockOf({ now, haste = 1 }: Surroundings): Context['clock'] {
  if (haste === 1) return { ...systemClock, now };
  return {
    now,
    monotonicMs: () => systemClock.monotonicMs() * haste,
    sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
  };
}

function capture(onText: (text: string) => void = () => undefined) {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString());
    onText(chunk.toString());
  });
  // A pipe has no columns and no cursor; what a terminal adds is never asked of it.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') };
}
