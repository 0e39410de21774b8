import type { ServerChannel } from 'ssh2';
import { MemoryHost } from '../../../bench/growth/memory-host.js';
import { asHostName } from '../../../src/model/names.js';

/** What a played host does with one call. */
export type Answer = (call: {
  readonly words: readonly string[];
  /** Does what fleet asked for, and gives the lines of the answer. */
  readonly perform: () => readonly string[];
  readonly channel: ServerChannel;
  /** Ends the call as the host program does. */
  readonly end: () => void;
}) => void;

/** Does what fleet asked for, sends the whole answer, and ends the call. */
export const honestly: Answer = ({ perform, channel, end }) => {
  channel.write(`${perform().join('\n')}\n`);
  end();
};

/**
 * Plays a host's login to fleet over a real SSH server: the serve mode with the calls that come on
 * stdin, and execs of their own. Answers as the host program would where nothing goes wrong, unless
 * `answer` does otherwise. Where it does not serve, every call is an exec of its own.
 */
export function playHost(name: string, answer: Answer = honestly, serves = true) {
  const host = new MemoryHost(asHostName(name));
  return (command: string, channel: ServerChannel): void => {
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    const perform = (words: readonly string[], end: () => void): void =>
      answer({ words, perform: () => host.answer(words), channel, end });
    const words = wordsOf(command);
    const served = / serve (\d+) /.exec(command)?.[1];
    if (served !== undefined && !serves) {
      channel.exit(69);
      channel.end();
      return;
    }
    if (served !== undefined) {
      perform(words, endOf(channel, served));
      channel.on(
        'data',
        createReader((id, call) => perform(call, endOf(channel, id))),
      );
      return;
    }
    channel.resume().on('end', () =>
      perform(words, () => {
        channel.exit(0);
        channel.end();
      }),
    );
  };
}

const endOf = (channel: ServerChannel, id: string) => (): void => {
  channel.write(`|end|${id}|0\n`);
  channel.stderr.write(`|end|${id}|0\n`);
};

function wordsOf(command: string): readonly string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^' ;])+/g) ?? [];
  const plain = words.map((word) => word.replace(/'([^']*)'|\\(')/g, '$1$2'));
  const start = plain.indexOf('step');
  const end = plain.indexOf('exit', start);
  return plain.slice(start, end === -1 ? undefined : end);
}

/** The manifest, and then the archive or what is left of it. */
function payloadBytes(words: readonly string[]): number {
  const argument = (key: string): string | undefined =>
    words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  return (
    Number(argument('manifest_bytes') ?? 0) + Number(argument('rest') ?? argument('bytes') ?? 0)
  );
}

/** Reads `call <id> <count>` and its words; after `send` also the payload, which it passes over. */
function createReader(call: (id: string, words: readonly string[]) => void) {
  let held = Buffer.alloc(0);
  let skip = 0;
  return (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const passed = Math.min(skip, held.length);
      held = held.subarray(passed);
      skip -= passed;
      if (skip > 0) return;
      const lines = held.toString('latin1').split('\n');
      const [word = '', id = '', count = ''] = lines[0]?.split(' ') ?? [];
      if (lines.length < Number(count) + 2 || count === '') return;
      const words = lines.slice(1, 1 + Number(count));
      held = held.subarray(lines.slice(0, 1 + words.length).join('\n').length + 1);
      if (word === 'send') skip = payloadBytes(words);
      call(id, words);
    }
  };
}
