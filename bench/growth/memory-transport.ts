import { Readable } from 'node:stream';
import { asHostName } from '../../src/model/names.js';
import type {
  Connection,
  Conversation,
  ConversationEnd,
  ConversationListener,
  ExecOptions,
  ExecOutcome,
  Transport,
} from '../../src/transport/port.js';
import { MemoryHost } from './memory-host.js';

/** Hosts in memory, reached without a network. Each answer comes in a turn of its own. */
export interface MemoryFleet {
  readonly transport: Transport & { close(): Promise<void> };
  /** How many calls the hosts have had. */
  readonly calls: () => number;
  /** The words of each call that the first host has had, to be played again without fleet. */
  readonly sample: readonly (readonly string[])[];
}

export function createMemoryFleet(): MemoryFleet {
  const sample: (readonly string[])[] = [];
  let first: string | undefined;
  let calls = 0;
  const answer = (host: MemoryHost, words: readonly string[]): readonly string[] => {
    calls += 1;
    first ??= host.name;
    if (host.name === first) sample.push(words);
    return host.answer(words);
  };
  return {
    sample,
    calls: () => calls,
    transport: {
      async connect({ name }) {
        const host = new MemoryHost(asHostName(name));
        return { kind: 'connected', connection: connectTo((words) => answer(host, words)) };
      },
      close: async () => undefined,
    },
  };
}

type Program = (words: readonly string[]) => readonly string[];

function connectTo(program: Program): Connection {
  return {
    open: true,
    close: async () => undefined,
    exec: (command, options) => execute(program, command, options),
    converse: (command, listener) => converse(command, listener, program),
  };
}

/** A call that carries a payload, or comes while another is under way. */
async function execute(
  program: Program,
  command: string,
  { stdin, onLine }: ExecOptions,
): Promise<ExecOutcome> {
  await swallow(stdin);
  for (const line of program(wordsOf(command))) onLine?.(line);
  return { kind: 'exited', code: 0, stdout: '', stderr: '', truncated: false };
}

async function swallow(payload: Uint8Array | Readable | undefined): Promise<void> {
  if (payload instanceof Readable) for await (const _ of payload);
}

/** The program's arguments in a command line that fleet has quoted. */
function wordsOf(command: string): readonly string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^' ])+/g) ?? [];
  const plain = words.map((word) => word.replace(/'([^']*)'|\\(')/g, '$1$2'));
  return plain.slice(plain.indexOf('step'));
}

/**
 * The serve mode of the host program: the first call stands in its command, `serve <id> step …`; the
 * others come as `call <id> <count>`, or `send` where a payload follows, then one word a line.
 */
function converse(
  command: string,
  { onStdout, onStderr }: ConversationListener,
  program: Program,
): Conversation {
  let end: (how: ConversationEnd) => void = () => undefined;
  const ended = new Promise<ConversationEnd>((resolve) => {
    end = resolve;
  });
  const call = (id: string | undefined, words: readonly string[]) =>
    setImmediate(() => {
      for (const line of program(words)) onStdout(line);
      onStdout(`|end|${id}|0`);
      onStderr(`|end|${id}|0`);
    });
  call(/ serve (\d+) /.exec(command)?.[1], wordsOf(command));
  let sent = (): void => undefined;
  return {
    ended,
    allow: () => undefined,
    close: () => end({ kind: 'lost', message: 'closed' }),
    write(frame) {
      const [head = '', ...words] = frame.trimEnd().split('\n');
      const [word, id] = head.split(' ');
      if (word === 'send') sent = () => call(id, words);
      else call(id, words);
    },
    async send(payload) {
      await swallow(payload);
      sent();
    },
  };
}
