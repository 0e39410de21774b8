import type { Readable } from 'node:stream';
import type { HostFailure } from '../errors/host-failure.js';
import type { Endpoint } from '../model/host.js';
import type { KeepBudget } from './keep-budget.js';
import type { ServerOffer } from './server-offer.js';

/**
 * How hosts are reached. One connection a host and run; ssh2 carries it, or the system's ssh.
 * Nothing here throws for what a host does: every end has a named outcome.
 */
export interface Transport {
  /**
   * Connects and authenticates, waiting its turn among handshakes first. The connect timeout runs
   * from the start of the handshake. Resolves within it, whatever the server does.
   */
  connect(host: Endpoint, signal?: AbortSignal): Promise<ConnectOutcome>;
  /**
   * Tells which hosts are about to be connected to, so that what can be got ready is. Throws the
   * FleetError `descriptor_limit` where this machine has not as many file descriptors left.
   */
  expect?(hosts: readonly Endpoint[]): void;
}

export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

export interface ExecOptions {
  /** What the command reads; ends its stdin when done. Backpressure is honoured. */
  readonly stdin?: Uint8Array | Readable | undefined;
  /** From the request to the end of the command, in milliseconds. */
  readonly timeoutMs: number;
  /** Called with each whole line of stdout as it comes, without its newline; a line over 64 KiB hangs up. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Bytes of stdout and of stderr that are kept: the first of stdout, the last of stderr. Default 1 MiB. */
  readonly keepBytes?: number | undefined;
  /** Shared with other commands: what they keep together. */
  readonly budget?: KeepBudget | undefined;
  /** Hangs up on a command that prints more bytes than this, on both streams together. Default: never. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a command ended. `exited` has a number and nothing else; a null exit code without a signal
 * is `lost`. After `timed-out`, `aborted` and `lost` it is unknown what the host has done.
 */
export type ExecOutcome =
  | ({ readonly kind: 'exited'; readonly code: number } & KeptOutput)
  | ({ readonly kind: 'signalled'; readonly signal: string } & KeptOutput)
  | ({ readonly kind: 'timed-out' } & KeptOutput)
  | { readonly kind: 'aborted' }
  /** `flooded`: it printed more than it may, and the connection was ended for it. */
  | ({ readonly kind: 'lost' | 'flooded'; readonly message: string } & KeptOutput);

/** What is kept of what a command printed; `truncated` where that is not all. */
export interface KeptOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/**
 * Hears a conversation line by line, without the newlines. A line of stdout over 64 KiB hangs up; of
 * one on stderr only the beginning comes.
 */
export interface ConversationListener {
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

/** How a command that was spoken to ended. After `lost` it is unknown what the host has done. */
export type ConversationEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** `flooded`: it printed more than it may, and the connection was ended for it. */
  | { readonly kind: 'lost' | 'flooded'; readonly message: string };

/** A command that runs on, and is written to while it is heard. */
export interface Conversation {
  /** To the command's stdin; dropped once it has ended. */
  write(text: string): void;
  /**
   * Hands `source` over to the command's stdin, with backpressure; nothing else is to be written
   * meanwhile. Rejects if the source fails, or the command ends before all of it was taken.
   */
  send(source: Uint8Array | Readable): Promise<void>;
  /** It may print so many bytes from now on, on both streams together; with more it is hung up on. */
  allow(bytes: number): void;
  /** Hangs up, which is `lost`; what the command does just then, it does to its end. */
  close(): void;
  /** Rejects only with what the listener throws, which hangs up too. */
  readonly ended: Promise<ConversationEnd>;
}

/** An authenticated connection to one host, with a verified host key. */
export interface Connection {
  /** What the server says it can do; null or absent where that is not to be seen. */
  readonly server?: ServerOffer | null;
  exec(command: string, options: ExecOptions): Promise<ExecOutcome>;
  /** Returns at once; a command that can not be started has ended as `lost`. */
  converse(command: string, listener: ConversationListener): Conversation;
  /** True until the connection has ended in any way. */
  readonly open: boolean;
  /** Ends it; pending commands and conversations end as `lost`. Never rejects. */
  close(): Promise<void>;
}
