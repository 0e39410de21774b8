import { type Duplex, Readable } from 'node:stream';
import { createFirstEnd, type FirstEnd } from '../../async/first-end.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { Conversation, ConversationEnd, ConversationListener } from '../port.js';
import { passUntilOver } from './after-end.js';
import { type Allowance, createAllowance, LINE_BYTES, tooLong } from './allowance.js';
import type { ChannelExit, CommandChannel, OpenChannel } from './command-channel.js';
import type { ConnectionState } from './connection-state.js';
import { type LineSplitter, splitLines } from './line-splitter.js';
import { feedStdin } from './stdin-feed.js';

export interface ConversationRequest {
  readonly openChannel: OpenChannel;
  /** What the connection's packets are written to. */
  readonly socket: Duplex;
  readonly command: string;
  readonly listener: ConversationListener;
  /** The connection's. */
  readonly life: Pick<ConnectionState, 'onLost' | 'lost'>;
}

/**
 * Runs one command whose stdin stays open. Writes before the channel is open wait here. The first reason to
 * end wins and closes the channel; nothing is killed on the host.
 */
export function converseOnChannel(request: ConversationRequest): Conversation {
  const end = createFirstEnd<ConversationEnd>();
  const lose = (message: string) => end.settle({ kind: 'lost', message: printableLine(message) });
  const opening = createFirstEnd<CommandChannel>();
  const allowance = createAllowance(FIRST_BYTES);
  let waiting = '';
  let channel: CommandChannel | null = null;
  end.onOver(request.life.onLost(lose));
  open(request, { end, allowance }, (opened) => {
    channel = opened;
    if (waiting !== '') channel.stdin.write(waiting);
    waiting = '';
    opening.settle(opened);
  });
  return {
    write(text) {
      if (end.over) return;
      if (channel === null) waiting += text;
      else channel.stdin.write(text);
    },
    async send(source) {
      const ended = new Error('the command has ended');
      if (end.over) throw ended;
      end.onOver(() => {
        opening.reject(ended);
        if (source instanceof Readable) source.destroy();
      });
      const feed = { source, socket: request.socket, signal: end.signal() };
      await feedStdin({ ...feed, channel: await opening.result });
    },
    allow: (bytes) => allowance.renew(bytes),
    close: () => lose('the conversation was closed'),
    ended: end.result,
  };
}

function open(
  request: ConversationRequest,
  { end, allowance }: Bounds,
  onOpen: (channel: CommandChannel) => void,
): void {
  const lose = (message: string) => end.settle({ kind: 'lost', message: printableLine(message) });
  if (end.over) return;
  try {
    request.openChannel(request.command, (channel) => {
      if (channel instanceof Error) return lose(channel.message);
      const close = () => channel.close();
      if (end.over) return close();
      end.onOver(close);
      hear(channel, request, { end, allowance });
      onOpen(channel);
    });
  } catch (error) {
    lose(reasonOf(error));
  }
}

/** When a conversation ends, and how much it may print. */
interface Bounds {
  readonly end: FirstEnd<ConversationEnd>;
  readonly allowance: Allowance;
}

function hear(
  channel: CommandChannel,
  { listener, life, socket }: ConversationRequest,
  { end, allowance }: Bounds,
): void {
  const flood = (message: string) => {
    end.settle({ kind: 'flooded', message });
    socket.destroy();
  };
  const stdout = splitLines(listener.onStdout, LINE_BYTES, () => flood(tooLong()));
  const stderr = splitLines(listener.onStderr, LINE_BYTES);
  // An error of the listener, thrown into the packet parser, would end the whole connection.
  const guard = (work: () => void) => {
    if (end.over) return;
    try {
      work();
    } catch (error) {
      end.reject(error);
    }
  };
  const pass = passUntilOver(end, socket);
  const take = (lines: LineSplitter) => (chunk: Buffer) =>
    pass(chunk, (piece) => {
      const what = allowance.take(piece);
      if (what !== null) flood(what);
      else guard(() => lines.add(piece));
    });
  let exit: ChannelExit = { code: null, signal: undefined };
  channel.listen({
    stdout: take(stdout),
    stderr: take(stderr),
    failed: (message) => end.settle({ kind: 'lost', message: printableLine(message) }),
    exit: (told) => {
      exit = told;
    },
    closed() {
      guard(() => endLines(stdout, stderr));
      end.settle(endOf(exit, life.lost()));
    },
  });
}

function endLines(...splitters: readonly LineSplitter[]): void {
  for (const splitter of splitters) splitter.end();
}

function endOf({ code, signal }: ChannelExit, lost: string | null): ConversationEnd {
  if (code !== null) return { kind: 'exited', code };
  if (signal !== undefined) return { kind: 'signalled', signal };
  return {
    kind: 'lost',
    message: printableLine(lost ?? 'the command ended without an exit code'),
  };
}

/** Until a limit is set. */
const FIRST_BYTES = 4 * 1024 * 1024;
