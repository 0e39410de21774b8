import type { Readable } from 'node:stream';
import type { HostFailure } from '../errors/host-failure.js';
import type { Endpoint } from '../model/hosts/host.js';
import type { ServerOffer } from './algorithms/server-offer.js';
import type { KeepBudget } from './keep-budget.js';

/**
 * How hosts are reached: one connection a host and run, over ssh2 or the system's ssh. Nothing here throws for
 * what a host does: every end has a named outcome.
 */
export interface Transport {
  /**
   * Connects and authenticates, after waiting for its turn among handshakes. The connect timeout starts with the
   * handshake, and the promise resolves within it, whatever the server does.
   */
  connect(host: Endpoint, signal?: AbortSignal): Promise<ConnectOutcome>;
  /**
   * Announces the hosts that will be connected to, so that names can be resolved ahead. Throws the FleetError
   * `descriptor_limit` if this machine lacks file descriptors.
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
  /** Called with each whole line of stdout, without its newline; a line over 64 KiB hangs up. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Bytes of stdout and of stderr that are kept: the first of stdout, the last of stderr. Default 1 MiB. */
  readonly keepBytes?: number | undefined;
  /** Shared with other commands: what they may keep together. */
  readonly budget?: KeepBudget | undefined;
  /** Hangs up if the command prints more bytes than this on both streams. Default: never. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a command ended. `exited` has a number and nothing else; a null exit code without a signal is `lost`.
 * After `timed-out`, `aborted` and `lost` it is unknown what the host has done.
 */
export type ExecOutcome =
  | ({ readonly kind: 'exited'; readonly code: number } & KeptOutput)
  | ({ readonly kind: 'signalled'; readonly signal: string } & KeptOutput)
  | ({ readonly kind: 'timed-out' } & KeptOutput)
  | { readonly kind: 'aborted' }
  /** `flooded`: it printed more than it may, and the connection was ended for it. */
  | ({ readonly kind: 'lost' | 'flooded'; readonly message: string } & KeptOutput);

/** The kept output of a command; `truncated` if that is not all. */
export interface KeptOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/**
 * Hears a conversation line by line, without the newlines. A line of stdout over 64 KiB hangs up; a line of
 * stderr is cut.
 */
export interface ConversationListener {
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

/** How a conversation ended. After `lost` it is unknown what the host has done. */
export type ConversationEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** `flooded`: it printed more than it may, and the connection was ended for it. */
  | { readonly kind: 'lost' | 'flooded'; readonly message: string };

/** A running command that is written to while its output is read. */
export interface Conversation {
  /** To the command's stdin; dropped once it has ended. */
  write(text: string): void;
  /**
   * Sends `source` to the command's stdin, with backpressure; write nothing else meanwhile. Rejects if the source
   * fails, or the command ends before it has read all.
   */
  send(source: Uint8Array | Readable): Promise<void>;
  /** Allows so many bytes of output from now on, on both streams together; beyond that it hangs up. */
  allow(bytes: number): void;
  /** Hangs up: the end is `lost`. The command finishes what it is doing. */
  close(): void;
  /** Rejects only with what the listener throws, which hangs up too. */
  readonly ended: Promise<ConversationEnd>;
}

/** An authenticated connection to one host, with a verified host key. */
export interface Connection {
  /** What the server says it supports; null or absent if unknown. */
  readonly server?: ServerOffer | null;
  exec(command: string, options: ExecOptions): Promise<ExecOutcome>;
  /** Returns at once; a command that cannot be started has ended as `lost`. */
  converse(command: string, listener: ConversationListener): Conversation;
  /** True until the connection has ended in any way. */
  readonly open: boolean;
  /** Ends it; pending commands and conversations end as `lost`. Never rejects. */
  close(): Promise<void>;
}
