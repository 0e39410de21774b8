import { spawn } from 'node:child_process';
import { once } from 'node:events';

const KEEP_STDERR = 4096;

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** A child that could not be started (`code` null) or did not exit with 0. */
export class ChildFailure extends Error {
  constructor(
    readonly command: string,
    readonly code: number | string | null,
    readonly stderr: string,
    cause?: unknown,
  ) {
    super(`${command}: ${stderr === '' ? `exit ${code}` : stderr}`, { cause });
  }

  /** True where the command is not installed. */
  get missing(): boolean {
    return this.cause instanceof Error && 'code' in this.cause && this.cause.code === 'ENOENT';
  }
}

/**
 * What a child writes to stdout, chunk by chunk. Ends only after it exited with 0, else throws
 * `ChildFailure`, so that a stream cut short is never taken for a whole one.
 */
export async function* childOutput(child: ChildCommand): AsyncGenerator<Buffer> {
  const { command, args, env, signal } = child;
  const started = spawn(command, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEEP_STDERR);
  });
  const ended = once(started, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  ended.catch(() => {});
  try {
    for await (const chunk of started.stdout as AsyncIterable<Buffer>) yield chunk;
    const [code, killedBy] = await ended.catch((cause: unknown) => {
      throw new ChildFailure(command, null, '', cause);
    });
    if (code !== 0) throw new ChildFailure(command, code ?? killedBy, stderr.trim());
  } finally {
    started.kill();
  }
}

/** The whole output of a child as trimmed text. Throws `ChildFailure`. */
export async function childText(child: ChildCommand): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of childOutput(child)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').trim();
}
