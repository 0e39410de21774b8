import { hostname } from 'node:os';
import type { TelemetryReader } from '../reader.js';
import { tracePayload } from './payload.js';
import { sendSpans } from './send.js';
import type { OtelSettings } from './settings.js';
import type { Span } from './span.js';
import { createSpanBuilder } from './spans.js';
import type { Trace } from './trace.js';

/** How long the end of a run may wait for the collector, in milliseconds. */
const PATIENCE_MS = 2_000;
/** About 2 MB: collectors refuse very large bodies. */
const SPANS_A_REQUEST = 4_000;

export interface OtelOptions {
  readonly settings: OtelSettings;
  readonly trace: Trace;
  /** The version of fleet. */
  readonly version: string;
  readonly warn: (message: string) => void;
}

/** Sends the spans of a run at its end. */
export function createOtelReader(options: OtelOptions): TelemetryReader {
  const { settings, trace, warn } = options;
  const builder = createSpanBuilder(trace);
  return {
    listener: builder.hear,
    async close() {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      for (const body of bodiesOf(builder.spans(), options)) {
        const why = await sendSpans(body, settings, signal);
        if (why === null) continue;
        warn(`spans of the run are not at ${settings.shown}: ${why}`);
        return;
      }
    },
  };
}

function* bodiesOf(
  spans: readonly Span[],
  { settings, trace, version }: OtelOptions,
): Generator<string> {
  const resource = {
    'host.name': hostname(),
    ...settings.resource,
    'service.name': settings.service,
    'service.version': settings.resource['service.version'] ?? version,
  };
  for (let at = 0; at < spans.length; at += SPANS_A_REQUEST) {
    const part = spans.slice(at, at + SPANS_A_REQUEST);
    yield JSON.stringify(tracePayload(part, { trace, resource, version }));
  }
}
