import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { startDeadline } from '../../async/deadline.js';
import { createFirstEnd } from '../../async/first-end.js';
import { captureTail } from '../../transport/channel/output-capture.js';
import type { Connection, Conversation, ConversationEnd } from '../../transport/port.js';
import { CALL_BYTES, type CallEnd, KEPT_STDERR_BYTES } from './call-end.js';
import { readEndLine } from './call-frame.js';

export interface SessionCall {
  readonly id: number;
  /** As `frameCall` made it; null if the command that opened the session carries the call. */
  readonly frame: string | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The payload that the frame announced. */
  readonly payload?: Uint8Array | Readable | undefined;
  /** Hears each line of the call's stdout; if it throws, the call rejects with that. */
  readonly onLine: (line: string) => void;
}

/** The host program in serve mode on one channel: one call after the other. */
export interface HostSession {
  readonly connection: Connection;
  /** False once it has ended in any way. */
  readonly open: boolean;
  /** True while a call is running. */
  readonly busy: boolean;
  /**
   * Only while open and not busy. A call that does not complete ends the session, as does a failed one with a
   * payload.
   */
  call(call: SessionCall): Promise<CallEnd>;
  /** Hangs up; a running call is lost. */
  close(): void;
}

/**
 * Starts `command`, which runs the host program as `serve`. If it carries a call, give that to the session at
 * once.
 */
export function openSession(connection: Connection, command: string): HostSession {
  let current: Running | undefined;
  let open = true;
  const conversation = connection.converse(command, {
    onStdout: (line) => current?.stdout(line),
    onStderr: (line) => current?.stderr(line),
  });
  void conversation.ended.then((end) => {
    open = false;
    current?.sessionEnded(end);
  });
  const close = (): void => {
    open = false;
    conversation.close();
  };
  return {
    connection,
    get open() {
      return open;
    },
    get busy() {
      return current !== undefined;
    },
    async call(call) {
      if (call.signal?.aborted) return { kind: 'aborted' };
      const running = createRunning(call);
      current = running;
      conversation.allow(CALL_BYTES);
      if (call.frame !== null) conversation.write(call.frame);
      const sending = sendPayload(conversation, call.payload, running);
      let sound = false;
      try {
        const end = await running.end;
        sound =
          running.answered && (call.payload === undefined || (sending.over && succeeded(end)));
        return end;
      } finally {
        if (!sound) close();
        current = undefined;
        conversation.allow(IDLE_BYTES);
      }
    },
    close,
  };
}

/** The output limit between calls, when nothing was asked. */
const IDLE_BYTES = 64 * 1024;

/** `over` once all of the payload was handed over, so that the next call can follow it. */
function sendPayload(
  conversation: Conversation,
  payload: SessionCall['payload'],
  running: Running,
): { readonly over: boolean } {
  if (payload === undefined) return { over: true };
  const sending = { over: false };
  conversation.send(payload).then(
    () => {
      sending.over = true;
    },
    (error: Error) => running.unsent(error.message),
  );
  return sending;
}

const succeeded = (end: CallEnd): boolean => end.kind === 'exited' && end.code === 0;

/** The call that is under way. */
interface Running {
  unsent(why: string): void;
  stdout(line: string): void;
  stderr(line: string): void;
  sessionEnded(end: ConversationEnd): void;
  /** True once the host has ended the call on both streams. */
  readonly answered: boolean;
  readonly end: Promise<CallEnd>;
}

function createRunning(call: SessionCall): Running {
  const end = createFirstEnd<CallEnd>();
  const said = captureTail(KEPT_STDERR_BYTES);
  const awaited = new Set(['stdout', 'stderr']);
  watch(call, {
    onOver: end.onOver,
    timedOut: () => end.settle({ kind: 'timed-out', stderr: said.text() }),
    aborted: () => end.settle({ kind: 'aborted' }),
  });

  const isEnd = (stream: string, line: string): boolean => {
    const told = readEndLine(line);
    if (told?.id !== call.id) return false;
    awaited.delete(stream);
    if (awaited.size === 0) end.settle({ ...told.exit, stderr: said.text() });
    return true;
  };

  return {
    end: end.result,
    get answered() {
      return awaited.size === 0;
    },
    stdout(line) {
      if (end.over || isEnd('stdout', line)) return;
      try {
        call.onLine(line);
      } catch (error) {
        end.reject(error);
      }
    },
    stderr(line) {
      if (!isEnd('stderr', line)) said.add(Buffer.from(`${line}\n`));
    },
    unsent: (why) =>
      end.settle({
        kind: 'lost',
        message: `the payload could not be sent: ${why}`,
        stderr: said.text(),
      }),
    sessionEnded: (how) => end.settle(asCallEnd(how, said.text())),
  };
}

interface Ends {
  onOver(callback: () => void): void;
  timedOut(): void;
  aborted(): void;
}

/** Everything except the host that may end the wait for it. */
function watch({ timeoutMs, signal }: SessionCall, { onOver, timedOut, aborted }: Ends): void {
  const deadline = startDeadline(timeoutMs, timedOut);
  onOver(() => {
    deadline.stop();
    signal?.removeEventListener('abort', aborted);
  });
  if (signal === undefined) return;
  // Hundreds of hosts wait for the same signal; that is no leak.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', aborted, { once: true });
}

/**
 * A session that ends during a call does not tell how the call ended. Only a real exit code says more: the
 * program was not there, or the shell could not run it.
 */
function asCallEnd(end: ConversationEnd, stderr: string): CallEnd {
  if (end.kind !== 'exited') return { ...end, stderr };
  if (end.code > 0 && end.code <= 128) return { ...end, stderr };
  const { code } = end;
  return { kind: 'lost', message: `the session ended with exit code ${code}`, stderr, exit: code };
}
