import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const KEEP_STDERR = 4096;
/** How long a child may be silent: a user's own filter may fetch something large. */
const SILENCE_MS = 10 * 60_000;
/** Answers that are read whole are a few lines, or a repository's configuration. */
const MAX_TEXT_BYTES = 4 * 1024 ** 2;

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** How long it may write nothing before it is ended; default 10 minutes. */
  readonly silenceMs?: number | undefined;
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

  /** True if the command is not installed. */
  get missing(): boolean {
    return this.cause instanceof Error && 'code' in this.cause && this.cause.code === 'ENOENT';
  }
}

type Started = ChildProcessByStdio<null, Readable, Readable>;

/**
 * A child's stdout, chunk by chunk. Completes only after it exited with 0, else throws `ChildFailure`, so that a
 * truncated stream never passes for a whole one.
 */
export async function* childOutput(child: ChildCommand): AsyncGenerator<Buffer> {
  const { command, args, env, signal } = child;
  signal?.throwIfAborted();
  const started: Started = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEEP_STDERR);
  });
  const ended = once(started, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  ended.catch(() => {});
  const watch = endWhere(started, child);
  try {
    for await (const chunk of started.stdout as AsyncIterable<Buffer>) {
      watch.heard();
      yield chunk;
      watch.heard();
    }
    const [code, killedBy] = await ended.catch((cause: unknown) => {
      throw new ChildFailure(command, null, '', cause);
    });
    watch.reason()?.();
    if (code !== 0) throw new ChildFailure(command, code ?? killedBy, stderr.trim());
  } catch (error) {
    watch.reason()?.();
    throw error;
  } finally {
    watch.stop();
    end(started);
  }
}

/** A child's whole output as trimmed text. Throws `ChildFailure`, also if it is too long. */
export async function childText(child: ChildCommand): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of childOutput(child)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw new ChildFailure(child.command, null, 'too much output');
  }
  return Buffer.concat(chunks).toString('utf8').trim();
}

/** Whether a child writes anything: it is ended at its first byte. Throws `ChildFailure`. */
export async function childSpeaks(child: ChildCommand): Promise<boolean> {
  for await (const chunk of childOutput(child)) if (chunk.length > 0) return true;
  return false;
}

/**
 * Ends a child if the caller is interrupted or it is silent for too long. Its output is closed too: its own
 * children may keep the other end open.
 */
function endWhere(started: Started, child: ChildCommand) {
  const { command, signal, silenceMs = SILENCE_MS } = child;
  let reason: (() => never) | null = null;
  const endFor = (why: () => never) => {
    reason ??= why;
    end(started);
  };
  const silent = () =>
    endFor(() => {
      const seconds = Math.round(silenceMs / 1000);
      throw new ChildFailure(command, null, `${command} did not answer for ${seconds} s`);
    });
  const interrupted = () =>
    endFor(() => {
      throw signal?.reason;
    });
  const timer = setTimeout(silent, silenceMs);
  signal?.addEventListener('abort', interrupted);
  return {
    heard: () => timer.refresh(),
    reason: () => reason,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    },
  };
}

function end(started: Started): void {
  started.kill('SIGKILL');
  started.stdout.destroy();
  started.stderr.destroy();
}
