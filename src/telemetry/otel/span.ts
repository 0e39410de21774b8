import type { HostFailure } from '../../errors/host-failure.js';
import type { HostName } from '../../model/names.js';

/** A part of a run with a beginning and an end; times are milliseconds since 1970. */
export interface Span {
  readonly id: string;
  /** Null for the root of a trace. */
  readonly parent: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** Why it failed; null if it did not. */
  readonly error: string | null;
}

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Attributes;
}

/** An attribute without a value is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** A call to a host, or a hook, with the phase in which it began. */
export interface StepRecord {
  readonly phase: number;
  readonly host: HostName | null;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly failure: HostFailure | null;
}
