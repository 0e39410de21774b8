import { describe, expect, test } from 'vitest';
import { secretsOfEnv } from '../../src/errors/secret-words.js';
import { Secrets } from '../../src/errors/secrets.js';
import { readOtel } from '../../src/telemetry/otel/settings.js';
import { traceEnv, traceOf } from '../../src/telemetry/otel/trace.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const of = { run: '20260131T120000Z-a1b2', process: 'p' };

describe('a trace', () => {
  test.each([
    ['a good one', `00-${TRACE}-${SPAN}-01`, SPAN],
    ['a later version with more fields', `01-${TRACE}-${SPAN}-01-more`, SPAN],
    ['more fields than version 00 has', `00-${TRACE}-${SPAN}-01-more`, null],
    ['no version', `ff-${TRACE}-${SPAN}-01`, null],
    ['zeros', `00-${'0'.repeat(32)}-${SPAN}-01`, null],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`, null],
    ['a line break', `00-${TRACE}-${SPAN}-01\nX=1`, null],
  ])('has the parent of TRACEPARENT, if that is valid: %s', (_, text, parentId) => {
    expect(traceOf({ TRACEPARENT: text }, of.run, of.process).parentId).toBe(parentId);
  });

  test('goes to hooks with the span of the run, or as it came if no spans are sent', () => {
    const env = { TRACEPARENT: `00-${TRACE}-${SPAN}-01` };
    const { rootId } = traceOf(env, of.run, of.process);
    expect(traceEnv(env, { ...of, sends: true }).TRACEPARENT).toBe(`00-${TRACE}-${rootId}-01`);
    expect(traceEnv(env, { ...of, sends: false })).toEqual(env);
    expect(traceEnv({}, { ...of, sends: false })).toEqual({});
  });
});

describe('the variables of OpenTelemetry', () => {
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ops:pw@127.0.0.1:4318/' };
  test.each([
    [{}, 'off'],
    [on, 'on'],
    [{ ...on, OTEL_SDK_DISABLED: 'TRUE' }, 'off'],
    [{ ...on, OTEL_TRACES_EXPORTER: 'none' }, 'off'],
    [{ ...on, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'refused'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense' }, 'refused'],
  ])('%j: %s', (env, kind) => {
    expect(readOtel(env).kind).toBe(kind);
  });

  test('name the path of traces, and a login is a header', () => {
    expect(readOtel(on)).toMatchObject({
      settings: {
        url: 'http://127.0.0.1:4318/v1/traces',
        shown: 'http://***@127.0.0.1:4318/v1/traces',
        headers: { authorization: `Basic ${btoa('ops:pw')}` },
      },
    });
  });
});

test('secrets are masked in texts alone: names stay as they are', () => {
  const secrets = new Secrets();
  for (const text of secretsOfEnv({ API_TOKEN: 'production', SHORT_TOKEN: 'abc', HOME: '/root' })) {
    secrets.add(text);
  }
  const event = { type: 'host-note', group: 'production', note: 'x production abc' };
  expect(secrets.maskTexts(event)).toEqual({ ...event, note: 'x *** abc' });
});
