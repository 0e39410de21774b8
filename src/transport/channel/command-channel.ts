import type { Writable } from 'node:stream';

/** A channel of an SSH connection on which one command runs. */
export interface CommandChannel {
  /** Ending it ends the command's stdin. */
  readonly stdin: Writable;
  /** Call at once, and once. */
  listen(listener: ChannelListener): void;
  /** Hangs up; what runs on the host goes on. */
  close(): void;
  /** All of an input was handed over: what was kept for it is not needed any more. */
  fed?(): void;
}

/** Starts a command on a new channel; may throw if the connection has ended. */
export type OpenChannel = (
  command: string,
  opened: (channel: CommandChannel | Error) => void,
) => void;

/** How a command on a channel ended, as the server told; no number and no signal if it did not. */
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
