import { bareUrl } from '../../errors/bare-url.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where spans go, as the standard variables say it. */
export interface OtelSettings {
  readonly url: string;
  /** For messages. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly service: string;
  readonly resource: Readonly<Record<string, string>>;
}

/** What the variables ask for: nothing, spans, or what fleet cannot do. */
export type OtelRequest =
  | { readonly kind: 'off' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'on'; readonly settings: OtelSettings };

const DEFAULT_TIMEOUT_MS = 10_000;

/** An empty variable counts as absent. Values are in no message. */
export function readOtel(env: Env): OtelRequest {
  const read = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const traces = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const general = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  const either = (name: string): string | undefined =>
    read(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? read(`OTEL_EXPORTER_OTLP_${name}`);
  if (traces === undefined && general === undefined) return { kind: 'off' };
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { kind: 'off' };
  if (!(read('OTEL_TRACES_EXPORTER') ?? 'otlp').split(',').includes('otlp')) return { kind: 'off' };
  if (either('PROTOCOL') === 'grpc') {
    return refused('fleet sends OTLP over HTTP as JSON: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json');
  }
  const written = traces ?? `${general?.replace(/\/+$/, '')}/v1/traces`;
  if (!URL.canParse(written) || !/^https?:$/.test(new URL(written).protocol)) {
    return refused('the endpoint of OpenTelemetry is no http or https URL');
  }
  const { url, login } = withoutLogin(written);
  const timeout = Number(either('TIMEOUT') ?? DEFAULT_TIMEOUT_MS);
  const pairs = (name: string) => readPairs(either(name));
  const attributes = readPairs(read('OTEL_RESOURCE_ATTRIBUTES'));
  return {
    kind: 'on',
    settings: {
      url,
      shown: bareUrl(written),
      headers: { ...login, ...pairs('HEADERS') },
      timeoutMs: Number.isFinite(timeout) && timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS,
      service: read('OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? 'fleet',
      resource: attributes,
    },
  };
}

const refused = (why: string): OtelRequest => ({
  kind: 'refused',
  why: `no spans are sent: ${why}`,
});

/** `key=value,key=value`, percent-encoded. */
function readPairs(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').flatMap((pair): readonly [string, string][] => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    return at < 1 || name === '' ? [] : [[decoded(name), decoded(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A URL with a password is refused by fetch, in a message that has it. */
function withoutLogin(written: string) {
  const url = new URL(written);
  const { username, password } = url;
  if (username === '' && password === '') return { url: url.href, login: {} };
  url.username = '';
  url.password = '';
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return { url: url.href, login: { authorization: `Basic ${pair}` } };
}
