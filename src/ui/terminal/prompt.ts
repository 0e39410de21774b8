import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { discardTyped, isPasted, type Typing } from './typed-ahead.js';

/** The streams of a question. It goes to stderr, since stdout is for results. */
export interface PromptStreams {
  readonly stdin: Typing;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Asks for yes or no. Everything except `y` and `yes` is a no, also the end of the input. What was typed
 * before the question is no answer, nor is pasted text of several lines. Throws `interrupted` at Ctrl-C.
 */
export async function confirm(question: string, streams: PromptStreams): Promise<boolean> {
  const shown = `${printableLine(question)} [y/N] `;
  for (;;) {
    const answer = await inTurn(streams, () => ask(streams, { shown, echo: true }));
    if (answer?.pasted !== true) return /^y(es)?$/i.test((answer?.line ?? '').trim());
    streams.stderr.write('Several lines at once are no answer; please type it.\n');
  }
}

/** A passphrase, not shown while it is typed. Throws `interrupted` at Ctrl-C and at the end of input. */
export async function askPassphrase(question: string, streams: PromptStreams): Promise<string> {
  const shown = `${printableLine(question)} `;
  const answer = await inTurn(streams, async () => {
    try {
      return await ask(streams, { shown, echo: false });
    } finally {
      streams.stderr.write('\n');
    }
  });
  if (answer === null) throw interrupted();
  return answer.line;
}

interface Question {
  readonly shown: string;
  /** Whether the answer is shown while it is typed. */
  readonly echo: boolean;
}

interface Answer {
  readonly line: string;
  /** True if more than that line came at once. */
  readonly pasted: boolean;
}

/** One line; null if the input ended before one. */
function ask({ stdin, stderr }: PromptStreams, { shown, echo }: Question): Promise<Answer | null> {
  const output = echo ? stderr : silent();
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY === true });
  // The terminal is in raw mode from here on, and nothing that is read reaches `lines` before a later turn.
  if (discardTyped(stdin)) {
    lines.close();
    return Promise.reject(interrupted());
  }
  let pasted = false;
  const look = (chunk: Buffer | string): void => {
    pasted ||= stdin.isTTY === true && isPasted(chunk.toString());
  };
  stdin.on('data', look);
  if (!echo) stderr.write(shown);
  // A terminal that is gone gives no answer, like one that was closed.
  const close = (): void => lines.close();
  stdin.once('error', close);
  return new Promise<Answer | null>((resolve, reject) => {
    lines.once('SIGINT', () => {
      stderr.write('\n');
      reject(interrupted());
      lines.close();
    });
    lines.once('close', () => resolve(null));
    lines.question(echo ? shown : '').then((line) => resolve({ line, pasted }), reject);
  }).finally(() => {
    stdin.off('error', close).off('data', look);
    lines.close();
  });
}

/** fleet connects to hosts in parallel, and each may ask: one question at a time. */
function inTurn<T>(streams: PromptStreams, task: () => Promise<T>): Promise<T> {
  const before = turns.get(streams.stdin) ?? Promise.resolve();
  const turn = before.then(task);
  turns.set(
    streams.stdin,
    turn.catch(() => undefined),
  );
  return turn;
}

const turns = new WeakMap<Readable, Promise<unknown>>();

const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

const interrupted = (): FleetError => new FleetError('interrupted', 'interrupted at a question');
