import { createHash } from 'node:crypto';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a run is in a trace. Ids are lower-case hex. */
export interface Trace {
  readonly traceId: string;
  /** The span of the run. */
  readonly rootId: string;
  /** The span that has started fleet; null if the run is the root of its trace. */
  readonly parentId: string | null;
  readonly isSampled: boolean;
  readonly state: string;
  /** The id of a span, by a name of its own in this run. */
  spanId(name: string): string;
}

/** A parent as `TRACEPARENT` names it. */
export interface Parent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** W3C trace context: all zeros are no id, ff is no version, and version 00 has no more than four fields. */
export function readTraceparent(text: string | undefined): Parent | null {
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    text?.trim() ?? '',
  );
  const [, version, traceId, spanId, flags, more] = found ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/**
 * The trace of a run in this process: the same for whoever asks, so that hooks, builds and the spans name the same ids.
 * `process` tells two processes apart that carry out one run.
 */
export function traceOf(env: Env, run: string, process: string): Trace {
  const parent = readTraceparent(env.TRACEPARENT);
  const spanId = (name: string): string => digits(['span', run, process, name], 16);
  return {
    traceId: parent?.traceId ?? digits(['trace', run], 32),
    rootId: spanId('run'),
    parentId: parent?.spanId ?? null,
    isSampled: parent?.isSampled ?? true,
    state: parent === null ? '' : readTracestate(env.TRACESTATE),
    spanId,
  };
}

/** What a program is given that fleet starts for a run: its parent is the run, where spans are sent. */
export function traceEnv(
  env: Env,
  {
    run,
    process,
    sends,
  }: { readonly run: string; readonly process: string; readonly sends: boolean },
): Readonly<Record<string, string>> {
  const parent = readTraceparent(env.TRACEPARENT);
  if (!sends && parent === null) return {};
  const trace = traceOf(env, run, process);
  const spanId = sends ? trace.rootId : (parent?.spanId ?? trace.rootId);
  return {
    TRACEPARENT: `00-${trace.traceId}-${spanId}-${trace.isSampled ? '01' : '00'}`,
    ...(trace.state === '' ? {} : { TRACESTATE: trace.state }),
  };
}

/** Names and values as W3C has them; anything else is dropped. */
function readTracestate(text: string | undefined): string {
  const state = text?.trim() ?? '';
  return state.length <= 512 && /^[\x20-\x7e]+$/.test(state) ? state : '';
}

const digits = (parts: readonly string[], length: number): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
