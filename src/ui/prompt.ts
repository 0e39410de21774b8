import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { FleetError } from '../errors/fleet-error.js';
import { printableLine } from '../errors/printable.js';

/** Where a person is asked; questions go to stderr, as stdout is for results. */
export interface PromptStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
}

/**
 * A yes or no; everything but `y` and `yes` is a no, and so is the end of the input. Throws
 * `interrupted` at Ctrl-C.
 */
export async function confirm(question: string, streams: PromptStreams): Promise<boolean> {
  const answer = await inTurn(streams, () =>
    ask(`${printableLine(question)} [y/N] `, streams, streams.stderr),
  );
  return /^y(es)?$/i.test((answer ?? '').trim());
}

/** A passphrase, not shown while it is typed. Throws `interrupted` at Ctrl-C and at the end of input. */
export async function askPassphrase(question: string, streams: PromptStreams): Promise<string> {
  const answer = await inTurn(streams, async () => {
    streams.stderr.write(`${printableLine(question)} `);
    try {
      return await ask('', streams, silent());
    } finally {
      streams.stderr.write('\n');
    }
  });
  if (answer === null) throw interrupted();
  return answer;
}

/** One line; null where the input ended before one. */
function ask(
  question: string,
  { stdin, stderr }: PromptStreams,
  output: NodeJS.WritableStream,
): Promise<string | null> {
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY === true });
  // A terminal that has gone answers no more than one that was closed.
  const close = (): void => lines.close();
  stdin.once('error', close);
  return new Promise<string | null>((resolve, reject) => {
    lines.once('SIGINT', () => {
      stderr.write('\n');
      reject(interrupted());
      lines.close();
    });
    lines.once('close', () => resolve(null));
    lines.question(question).then(resolve, reject);
  }).finally(() => {
    stdin.off('error', close);
    lines.close();
  });
}

/** Hosts are connected to at once, and each may need to ask: one question at a time. */
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
