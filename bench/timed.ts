import { spawnSync } from 'node:child_process';

/** What one command took, in seconds; CPU is its own and its children's that it waited for. */
export interface Timing {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a command to its end under bash's `time`; throws with its output where it fails. */
export function timed(argv: readonly string[], options: { readonly cwd: string }): Timing {
  const script = 'TIMEFORMAT="timed %R %U %S"; time "$@" 2>&1';
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...argv], {
    cwd: options.cwd,
    env: { ...process.env, XDG_STATE_HOME: `${options.cwd}/state` },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const found = /timed ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
  if (status !== 0 || found === null) {
    throw new Error(`${argv.slice(0, 4).join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  }
  const [, wall, user, system] = found;
  return { wall: Number(wall), cpu: Number(user) + Number(system) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
