import { setMaxListeners } from 'node:events';
import { type Duplex, Readable } from 'node:stream';
import { startDeadline } from '../../async/deadline.js';
import { createFirstEnd, type FirstEnd } from '../../async/first-end.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { ExecOptions, ExecOutcome } from '../port.js';
import { passUntilOver } from './after-end.js';
import type { ChannelExit, CommandChannel, OpenChannel } from './command-channel.js';
import { type CommandOutput, createCommandOutput } from './command-output.js';
import type { ConnectionState } from './connection-state.js';
import { feedStdin } from './stdin-feed.js';

export interface ExecRequest {
  readonly openChannel: OpenChannel;
  /** What the connection's packets are written to. */
  readonly socket: Duplex;
  readonly command: string;
  readonly options: ExecOptions;
  /** The connection's. */
  readonly life: Pick<ConnectionState, 'onLost' | 'lost'>;
}

/**
 * Runs one command, without a PTY, an environment or agent forwarding. The first reason to end wins. Closing
 * the channel kills nothing on the host. Rejects only with what the caller's own `onLine` throws. A stream
 * given as stdin is destroyed at the end in any case.
 */
export function execOnChannel(request: ExecRequest): Promise<ExecOutcome> {
  const end = createFirstEnd<ExecOutcome>();
  const output = createCommandOutput(request.options, (message) => {
    end.settle({ kind: 'flooded', message, ...output.texts() });
    request.socket.destroy();
  });
  const running: Running = { ...request, output, end, exit: null };
  watch(running);
  if (!running.end.over) {
    try {
      request.openChannel(request.command, (channel) => {
        if (channel instanceof Error) lose(running, channel.message);
        else attach(running, channel);
      });
    } catch (error) {
      lose(running, reasonOf(error));
    }
  }
  return running.end.result;
}

interface Running extends ExecRequest {
  readonly output: CommandOutput;
  readonly end: FirstEnd<ExecOutcome>;
  exit: ChannelExit | null;
}

/** Everything except the command that may end the wait for it. */
function watch(running: Running): void {
  const { options, end, output } = running;
  const { signal, stdin, timeoutMs } = options;
  const deadline = startDeadline(timeoutMs, () => {
    // A background process may keep stdout open; the command has ended all the same.
    if (running.exit !== null) finish(running);
    else end.settle({ kind: 'timed-out', ...output.texts() });
  });
  const abort = () => end.settle({ kind: 'aborted' });
  end.onOver(running.life.onLost((message) => lose(running, message)));
  end.onOver(() => {
    deadline.stop();
    signal?.removeEventListener('abort', abort);
    if (stdin instanceof Readable) stdin.destroy();
  });
  if (stdin instanceof Readable) {
    stdin.on('error', (error) => lose(running, `stdin could not be sent: ${error.message}`));
  }
  if (signal === undefined) return;
  setMaxListeners(0, signal);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
}

function attach(running: Running, channel: CommandChannel): void {
  const { end, output, options, socket } = running;
  const close = () => channel.close();
  if (end.over) return close();
  end.onOver(close);
  const pass = passUntilOver(end, socket);
  channel.listen({
    stdout: (chunk) => pass(chunk, (piece) => guard(end, () => output.stdout(piece))),
    stderr: (chunk) => pass(chunk, (piece) => guard(end, () => output.stderr(piece))),
    failed: (message) => lose(running, message),
    exit: (exit) => {
      running.exit = exit;
    },
    closed: () => finish(running),
  });
  const { stdin } = channel;
  if (options.stdin === undefined) return void stdin.end();
  feedStdin({ source: options.stdin, channel, socket, signal: end.signal() }).then(
    () => void stdin.end(),
    (error: Error) => lose(running, `stdin could not be sent: ${error.message}`),
  );
}

function finish({ exit, end, output, life }: Running): void {
  guard(end, () => output.end());
  const texts = output.texts();
  if (exit !== null && exit.code !== null) {
    end.settle({ kind: 'exited', code: exit.code, ...texts });
  } else if (exit?.signal !== undefined) {
    end.settle({ kind: 'signalled', signal: exit.signal, ...texts });
  } else {
    const message = life.lost() ?? 'the command ended without an exit code';
    end.settle({ kind: 'lost', message: printableLine(message), ...texts });
  }
}

function lose({ end, output }: Running, message: string): void {
  end.settle({ kind: 'lost', message: printableLine(message), ...output.texts() });
}

/** An error of the caller, thrown into the packet parser, would end the whole connection. */
function guard(end: FirstEnd<ExecOutcome>, work: () => void): void {
  if (end.over) return;
  try {
    work();
  } catch (error) {
    end.reject(error);
  }
}
