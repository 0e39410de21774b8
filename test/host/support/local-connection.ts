import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type {
  Connection,
  Conversation,
  ConversationEnd,
  ConversationListener,
  ExecOptions,
  ExecOutcome,
} from '../../../src/transport/port.js';

export interface LocalConnectionOptions {
  /** The whole environment of the commands; that of the test unless told. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** True to give each command a process group of its own, which it may then kill as a whole. */
  readonly ownGroup?: boolean | undefined;
  /** Called with each command before it runs. */
  readonly onCommand?: ((command: string) => void) | undefined;
}

/** A connection to this machine: every command runs by /bin/sh, as sshd would run it. */
export function localConnection(options: LocalConnectionOptions = {}): Connection {
  let open = true;
  const conversations = new Set<Conversation>();
  return {
    get open() {
      return open;
    },
    exec(command, execOptions) {
      options.onCommand?.(command);
      return execLocally(command, execOptions, options);
    },
    converse(command, listener) {
      options.onCommand?.(command);
      const conversation = converseLocally(start(command, options), listener);
      conversations.add(conversation);
      return conversation;
    },
    async close() {
      open = false;
      for (const conversation of conversations) conversation.close();
    },
  };
}

function start(command: string, { env = process.env, ownGroup = false }: LocalConnectionOptions) {
  return spawn('/bin/sh', ['-c', command], { env, stdio: 'pipe', cwd: '/', detached: ownGroup });
}

/** Hanging up closes the pipes, as sshd does; a step that is under way goes on. */
function converseLocally(
  child: ReturnType<typeof start>,
  { onStdout, onStderr }: ConversationListener,
): Conversation {
  const { stdin, stdout, stderr } = child;
  let hangUp = (): void => undefined;
  const ended = new Promise<ConversationEnd>((resolve) => {
    child.on('close', (code, signal) => {
      if (code !== null) resolve({ kind: 'exited', code });
      else resolve({ kind: 'signalled', signal: signal ?? 'SIGKILL' });
    });
    hangUp = () => {
      resolve({ kind: 'lost', message: 'the conversation was closed' });
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
    };
  });
  stdin.on('error', () => undefined);
  createInterface({ input: stdout }).on('line', onStdout);
  createInterface({ input: stderr }).on('line', onStderr);
  return {
    ended,
    allow: () => undefined,
    close: hangUp,
    write: (text) => void stdin.write(text),
    async send(source) {
      for await (const piece of source instanceof Readable ? source : [source]) {
        // A command that does not read on tells of its own end.
        if (stdin.writable) await new Promise((resolve) => stdin.write(piece, resolve));
      }
    },
  };
}

function execLocally(
  command: string,
  options: ExecOptions,
  connection: LocalConnectionOptions,
): Promise<ExecOutcome> {
  return new Promise((resolve) => {
    const child = start(command, connection);
    const kept = { stdout: '', stderr: '', truncated: false };
    let ended: ExecOutcome | undefined;
    let pending = '';
    const giveUp = (outcome: ExecOutcome): void => {
      ended ??= outcome;
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => giveUp({ kind: 'timed-out', ...kept }), options.timeoutMs);
    const abort = (): void => giveUp({ kind: 'aborted' });
    options.signal?.addEventListener('abort', abort, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      kept.stdout = (kept.stdout + text).slice(0, options.keepBytes ?? 1_048_576);
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      kept.stderr = (kept.stderr + text).slice(-(options.keepBytes ?? 1_048_576));
    });
    // A command may end without reading its input; its exit code says what matters.
    child.stdin.on('error', () => undefined);
    feed(child.stdin, options.stdin).catch(() => undefined);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      if (pending !== '') options.onLine?.(pending);
      if (ended !== undefined) return resolve(ended);
      if (code === null) return resolve({ kind: 'signalled', signal: signal ?? 'KILL', ...kept });
      resolve({ kind: 'exited', code, ...kept });
    });
  });
}

async function feed(stdin: NodeJS.WritableStream, input: ExecOptions['stdin']): Promise<void> {
  if (input instanceof Readable) return pipeline(input, stdin);
  stdin.end(input ?? '');
}
