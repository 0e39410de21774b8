import type { ClientChannel } from 'ssh2';
import { printableLine } from '../errors/printable.js';

/** How a command on a channel ended, as the server told; neither number nor signal where it did not. */
export interface ChannelExit {
  readonly code: number | null;
  readonly signal: string | undefined;
}

export interface ChannelListener {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  failed(message: string): void;
  /** Comes before the last of the output, so it is not yet the end. */
  exit(exit: ChannelExit): void;
  closed(): void;
}

/** Hears a command's channel to its end. */
export function listenTo(channel: ClientChannel, listener: ChannelListener): void {
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
