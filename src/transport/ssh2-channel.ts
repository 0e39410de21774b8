import type { Client, ClientChannel } from 'ssh2';
import { printableLine } from '../errors/printable.js';
import type { ChannelListener, CommandChannel, OpenChannel } from './command-channel.js';

/** Runs commands without a PTY, an environment or agent forwarding. */
export function openSsh2Channel(client: Client): OpenChannel {
  return (command, opened) => {
    client.exec(command, (error, channel) => opened(error ?? asCommandChannel(channel)));
  };
}

function asCommandChannel(channel: ClientChannel): CommandChannel {
  return {
    stdin: channel,
    listen: (listener) => listenTo(channel, listener),
    close: () => void channel.close(),
  };
}

function listenTo(channel: ClientChannel, listener: ChannelListener): void {
  channel.on('error', (error: Error) => {
    if (!isWriteAfterEnd(error)) listener.failed(error.message);
  });
  channel.on('exit', (code: number | null, signal?: string) => {
    listener.exit({ code, signal: signal === undefined ? signal : printableLine(signal) });
  });
  channel.on('data', (chunk: Buffer) => listener.stdout(chunk));
  channel.stderr.on('data', (chunk: Buffer) => listener.stderr(chunk));
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
  return 'code' in error && (error.code === 'ERR_STREAM_WRITE_AFTER_END' || error.code === 'EPIPE');
}
