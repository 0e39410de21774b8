import type { Attributes, Span } from './span.js';
import type { Trace } from './trace.js';

/** Numbers of the protocol. */
const KINDS = { internal: 1, server: 2, client: 3 } as const;
const OK = 1;
const FAILED = 2;

export interface PayloadOf {
  readonly trace: Pick<Trace, 'traceId' | 'state' | 'rootId'>;
  readonly resource: Attributes;
  /** The version of fleet. */
  readonly version: string;
}

/** `ExportTraceServiceRequest` as JSON: ids are hex, and 64-bit numbers are strings. */
export function tracePayload(spans: readonly Span[], { trace, resource, version }: PayloadOf) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [
          {
            scope: { name: 'fleet', version },
            spans: spans.map((span) => spanOf(span, trace)),
          },
        ],
      },
    ],
  };
}

function spanOf(span: Span, { traceId, state, rootId }: PayloadOf['trace']) {
  const { id, parent, name, kind, startMs, endMs, attributes, events, error } = span;
  return {
    traceId,
    spanId: id,
    ...(state === '' || id !== rootId ? {} : { traceState: state }),
    ...(parent === null ? {} : { parentSpanId: parent }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: nanoseconds(event.atMs),
      attributes: attributesOf(event.attributes),
    })),
    status: error === null ? { code: OK } : { code: FAILED, message: error },
  };
}

/** Beyond what a number holds exactly, so it is never one. */
const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms)) * 1_000_000n}`;

const attributesOf = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: anyValue(value) }],
  );

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
