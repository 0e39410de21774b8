import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { printableLine } from '../errors/printable.js';
import { startDeadline } from './deadline.js';
import { splitLines } from './line-splitter.js';
import { captureHead, captureTail } from './output-capture.js';
import type { ExecOptions, ExecOutcome } from './port.js';
import { feedStdin } from './stdin-feed.js';

export interface ExecRequest {
  readonly client: Client;
  readonly socket: Duplex;
  readonly command: string;
  readonly options: ExecOptions;
  /** Calls back when the connection has ended; returns the function that stops it. */
  readonly onLost: (listener: (message: string) => void) => () => void;
}

/**
 * Runs one command, without a PTY, an environment or agent forwarding. The first reason to end
 * wins. Closing the channel kills nothing on the host: what runs there ends by itself.
 * Rejects only with what the caller's own `onLine` throws.
 */
export function execOverSsh2(request: ExecRequest): Promise<ExecOutcome> {
  const { options, client } = request;
  const limit = options.keepBytes ?? DEFAULT_KEEP_BYTES;
  const stdout = captureHead(limit);
  const stderr = captureTail(limit);
  const onLine = options.onLine;
  const lines = onLine === undefined ? null : splitLines(onLine, MAX_LINE_BYTES);
  const texts = () => ({ stdout: stdout.text(), stderr: stderr.text() });
  if (options.signal?.aborted) return Promise.resolve({ kind: 'aborted' });

  return new Promise((resolve, reject) => {
    let channel: ClientChannel | null = null;
    let settled = false;
    let exit: Exit | null = null;

    const finish = (act: () => void) => {
      if (settled) return;
      settled = true;
      deadline.stop();
      stopListening();
      options.signal?.removeEventListener('abort', onAbort);
      channel?.close();
      act();
    };
    const settle = (outcome: ExecOutcome) => finish(() => resolve(outcome));
    const lose = (message: string) =>
      settle({ kind: 'lost', message: printableLine(message), ...texts() });
    const guard = (work: () => void) => {
      // Thrown into ssh2's parser, an error of the caller's would end the whole connection.
      try {
        if (!settled) work();
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const ended = () => {
      if (exit === null) return lose('the command ended without an exit code');
      guard(() => lines?.end());
      settle(outcomeOf(exit, { ...texts(), truncated: stdout.truncated || stderr.truncated }));
    };
    const onAbort = () => settle({ kind: 'aborted' });
    const deadline = startDeadline(options.timeoutMs, () =>
      // A background process that holds on to stdout does not undo the end of the command.
      exit === null ? settle({ kind: 'timed-out', ...texts() }) : ended(),
    );
    const stopListening = request.onLost(lose);
    options.signal?.addEventListener('abort', onAbort, { once: true });

    const start = (opened: ClientChannel) => {
      channel = opened;
      if (settled) return opened.close();
      opened.on('error', (error: Error) => lose(error.message));
      opened.on('exit', (code: number | null, signal?: string) => {
        exit = { code, signal };
      });
      opened.on('data', (chunk: Buffer) => {
        stdout.add(chunk);
        guard(() => lines?.add(chunk));
      });
      opened.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
      whenBothClosed(opened, ended);
      if (options.stdin === undefined) return opened.end();
      feedStdin(options.stdin, opened, request.socket).catch((error: Error) => {
        // Commands may end without reading all of their stdin; the source's own errors count.
        if (opened.writable && !isClosing(error)) lose(`stdin could not be sent: ${error.message}`);
      });
    };
    try {
      client.exec(request.command, (error, opened) => {
        if (error) lose(error.message);
        else start(opened);
      });
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
    }
  });
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | undefined;
}

function outcomeOf(
  { code, signal }: Exit,
  output: { stdout: string; stderr: string; truncated: boolean },
): ExecOutcome {
  const { stdout, stderr } = output;
  if (code !== null) return { kind: 'exited', code, ...output };
  return signal !== undefined
    ? { kind: 'signalled', signal: printableLine(signal), stdout, stderr }
    : { kind: 'lost', message: 'the command ended without an exit code', stdout, stderr };
}

function whenBothClosed(channel: ClientChannel, done: () => void): void {
  let open = 2;
  const one = () => {
    open -= 1;
    if (open === 0) done();
  };
  channel.once('close', one);
  channel.stderr.once('close', one);
}

/** What a stream says when its other end went first. */
function isClosing(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && CLOSING.has(error.code);
}

const CLOSING = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_WRITE_AFTER_END', 'EPIPE']);

const DEFAULT_KEEP_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
