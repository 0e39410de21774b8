import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BenchCgroup, type Charged } from './cgroup.js';

/** What one command took. */
export interface Measured extends Charged {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Bytes of the largest process of it, shared pages too. */
  readonly largest: number;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

// Enters the control groups first, so that all is counted from the program's first instruction.
const ENTER = `for group in $GROUPS_TO_ENTER; do echo $$ >"$group/cgroup.procs"; done
unset GROUPS_TO_ENTER
exec /usr/bin/time -q -f %M -o "$@"`;

/** More than the slowest takes for 200 hosts: a tool that hangs fails, and the others go on. */
const LONGEST_MS = 1_800_000;

/** Runs a command to its end in a control group of its own; throws with its output where it fails. */
export async function measure(command: Command): Promise<Measured> {
  const largestFile = join(command.cwd, 'largest');
  const group = new BenchCgroup();
  const began = performance.now();
  const child = start(command, largestFile, group);
  const tooLong = setTimeout(() => void group.remove(), LONGEST_MS);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    const code = await ended(child);
    const wall = (performance.now() - began) / 1000;
    if (code === 0) return { wall, ...group.charged(), largest: kilobytesIn(largestFile) };
  } finally {
    clearTimeout(tooLong);
    await group.remove();
  }
  const [stdout, stderr] = await output;
  throw new Error(
    `${command.argv.join(' ')} failed:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`,
  );
}

function start({ argv, cwd, env }: Command, largestFile: string, group: BenchCgroup) {
  return spawn('sh', ['-c', ENTER, 'sh', largestFile, ...argv], {
    cwd,
    env: { ...env, GROUPS_TO_ENTER: group.folders.join(' ') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}

function kilobytesIn(file: string): number {
  return Number(readFileSync(file, 'utf8')) * 1024;
}
