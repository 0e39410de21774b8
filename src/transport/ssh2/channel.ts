import type { Client, ClientChannel } from 'ssh2';
import { hasCode } from '../../errors/has-code.js';
import { printableLine } from '../../errors/printable.js';
import type { ChannelListener, CommandChannel, OpenChannel } from '../channel/command-channel.js';
import type { Heard } from '../channel/unheard.js';
import type { PacketMemory } from './packet-memory.js';

/** What all channels of a connection share. */
export interface ChannelParts {
  readonly heard: Heard;
  readonly memory: PacketMemory;
}

/** Runs commands without a PTY, an environment or agent forwarding. */
export function openSsh2Channel(client: Client, parts: ChannelParts): OpenChannel {
  let channels = 0;
  const ask = (command: string, opened: Parameters<OpenChannel>[1], again: boolean): void => {
    client.exec(command, (error, channel) => {
      if (error === undefined) {
        channels += 1;
        channel.once('close', () => {
          channels -= 1;
        });
        return opened(asCommandChannel(channel, parts));
      }
      // A server with a limit of one session may get the next command before it has closed the last
      // session, if both messages arrive at once; a second try succeeds.
      if (isRefusal(error) && channels === 0 && !again) return ask(command, opened, true);
      opened(isRefusal(error) ? refusal(error) : notStarted(error));
    });
  };
  return (command, opened) => ask(command, opened, false);
}

/** The server opened no channel, so nothing has run; it gave a reason of RFC 4254, 5.1. */
function isRefusal(error: Error): boolean {
  return 'reason' in error && typeof error.reason === 'number';
}

function refusal({ message }: Error): Error {
  const said = message.replace(/^\(SSH\) Channel open failure: /, '');
  return new Error(`the server opens no channel: ${printableLine(said)}`);
}

/** ssh2's message if a server refuses an exec, which has no reason. */
function notStarted(error: Error): Error {
  if (error.message !== 'Unable to exec') return error;
  return new Error(
    'the server did not start the command; the login user may have reached its process limit (ulimit -u)',
  );
}

function asCommandChannel(channel: ClientChannel, { heard, memory }: ChannelParts): CommandChannel {
  return {
    stdin: channel,
    listen: (listener) => listenTo(channel, listener, heard),
    close: () => void channel.close(),
    fed: memory.release,
  };
}

function listenTo(channel: ClientChannel, listener: ChannelListener, heard: Heard): void {
  channel.on('error', (error: Error) => {
    if (!isWriteAfterEnd(error)) listener.failed(error.message);
  });
  channel.on('exit', (code: number | null, signal?: string) => {
    listener.exit({ code, signal: signal === undefined ? signal : printableLine(signal) });
  });
  const hear = (tell: (chunk: Buffer) => void) => (chunk: Buffer) => {
    heard(chunk.length);
    tell(chunk);
  };
  channel.on(
    'data',
    hear((chunk) => listener.stdout(chunk)),
  );
  channel.stderr.on(
    'data',
    hear((chunk) => listener.stderr(chunk)),
  );
  whenBothClosed(channel, () => listener.closed());
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

/** A command may end without reading all of its stdin. */
function isWriteAfterEnd(error: Error): boolean {
  return hasCode(error, 'ERR_STREAM_WRITE_AFTER_END', 'EPIPE');
}
