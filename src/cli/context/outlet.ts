import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  writeSync,
} from 'node:fs';
import { isatty } from 'node:tty';

/** A stream of this process that is safe to write to; see {@link openOutlet}. */
export type Outlet = NodeJS.WriteStream;

/** What Node has beside what its types say: the handle of a terminal, the file of a file. */
interface StreamParts {
  readonly fd?: number;
  readonly _type?: string;
  readonly _handle?: { setBlocking?(blocking: boolean): unknown };
  _write?: Write;
}

type Write = (chunk: Uint8Array, encoding: string, done: (error?: Error) => void) => void;

const losses = new WeakMap<NodeJS.WritableStream, NodeJS.ErrnoException>();
const opened = new WeakSet<NodeJS.WritableStream>();

/**
 * Makes stdout or stderr a stream that never ends or blocks the work: a full disk, a file that grew too
 * large, a descriptor that cannot be written and a closed terminal are noted, and nothing is thrown;
 * fleet does not wait for a terminal that accepts no more. {@link lossOf} returns what was lost. May be
 * called again.
 */
export function openOutlet(stream: Outlet): Outlet {
  if (opened.has(stream)) return stream;
  opened.add(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => noteLoss(stream, error));
  const parts = stream as Outlet & StreamParts;
  if (parts._type === 'fs' && parts.fd !== undefined) parts._write = wholeWrites(parts.fd);
  if (stream.isTTY === true && parts.fd !== undefined) {
    if (wasReopened(parts.fd)) parts._handle?.setBlocking?.(false);
    process.off('exit', leaveDeadTerminal).on('exit', leaveDeadTerminal);
  }
  return stream;
}

/** Waits until all that was written has gone out or was given up, and says why if some of it was. */
export async function lossOf(stream: NodeJS.WritableStream): Promise<NodeJS.ErrnoException | null> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
  return losses.get(stream) ?? null;
}

/** A reader that closes early, as `| head` does, has what it needs. */
const GONE_READER: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

function noteLoss(stream: Outlet, error: NodeJS.ErrnoException): void {
  if (!GONE_READER.has(error.code) && !losses.has(stream)) losses.set(stream, error);
}

/** Node's own writes to a file stop silently if a nearly full disk accepts only their start. */
function wholeWrites(descriptor: number): Write {
  return (chunk, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}

/**
 * Whether Node has its own open file of a terminal. Then it may write without waiting: Ctrl-S, or a
 * connection that stalls, would otherwise block this process, and hosts that get no message roll
 * back. A terminal of another account, as after `su`, is shared with the shell.
 */
function wasReopened(descriptor: number): boolean {
  try {
    accessSync(readlinkSync(`/proc/self/fd/${descriptor}`), constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Node aborts, and its exit code is lost, if it cannot restore a terminal that was closed. */
function leaveDeadTerminal(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      if (!fstatSync(descriptor).isCharacterDevice() || isatty(descriptor)) continue;
      closeSync(descriptor);
      openSync('/dev/null', 'r+');
    } catch {
      // It was closed before, and then Node passes over it.
    }
  }
}
