/** The most hosts that one pattern may expand to. */
const MAX_HOSTS = 10_000;

export type HostPattern =
  | { readonly kind: 'hosts'; readonly names: readonly string[]; readonly port: number | null }
  | { readonly kind: 'malformed'; readonly reason: string };

/** The hosts that Ansible reads in `web[01:20:2].eu`, `web1:2222` or `[2001:db8::1]:2200`. */
export function expandHostPattern(written: string): HostPattern {
  const address = parseAddress(written);
  const pattern = address?.host ?? written;
  const names = expandRanges(pattern);
  if (typeof names === 'string') return { kind: 'malformed', reason: names };
  return { kind: 'hosts', names, port: address?.port ?? null };
}

const NUMERIC = '\\[[0-9]+:[0-9]+(?::[0-9]+)?\\]';
const HEXADECIMAL = '\\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\\]';
const ALPHANUMERIC = '\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]';
const V4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC})`;
const V6 = `(?:[0-9a-f]{1,4}|${HEXADECIMAL})`;
const WORD = '\\p{L}\\p{M}\\p{N}_';
const LABEL = `(?:[${WORD}]|${ALPHANUMERIC})(?:[${WORD}-]|${ALPHANUMERIC})*(?<![_-])`;

const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/;
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
/** As Ansible writes them. An IPv6 address is told by how it begins, so that it may have a zone. */
const ADDRESSES = [
  new RegExp(`^(?:${V4}\\.){3}${V4}$`, 'iu'),
  new RegExp(
    `^(?:(?:${V6}:){7}${V6}|(?:${V6}:){1,6}:|(?:${V6}:)(?::${V6}){1,6}|(?:${V6}:){2}(?::${V6}){1,5}|` +
      `(?:${V6}:){3}(?::${V6}){1,4}|(?:${V6}:){4}(?::${V6}){1,3}|(?:${V6}:){5}(?::${V6}){1,2}|` +
      `(?:${V6}:){6}(?::${V6})|:(?::${V6}){1,6}|${V6}?::)`,
    'iu',
  ),
  new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu'),
];

/** Null where it is none; Ansible then takes all of it for a name. */
function parseAddress(
  written: string,
): { readonly host: string; readonly port: number | null } | null {
  let host = written;
  let port: number | null = null;
  for (const form of [BRACKETED_PORT, PORT]) {
    const found = form.exec(host);
    if (found === null) continue;
    host = found[1] ?? '';
    port = Number(found[2]);
  }
  return ADDRESSES.some((form) => form.test(host)) ? { host, port } : null;
}

/** The names, or why there are none. Of several ranges the last runs fastest. */
function expandRanges(pattern: string): readonly string[] | string {
  let open: readonly string[] = [pattern];
  while (open[0]?.includes('[') === true) {
    const [head = '', range = '', tail, ...more] = open[0]
      .replace('[', '|')
      .replace(']', '|')
      .split('|');
    if (tail === undefined || more.length > 0) return `the brackets of ${pattern} do not pair up`;
    const values = expandRange(range);
    if (typeof values === 'string') return values;
    if (open.length * values.length > MAX_HOSTS) return tooMany(pattern);
    open = open.flatMap((name) => {
      const start = name.indexOf('[');
      const rest = name.slice(start + range.length + 2);
      return values.map((value) => (start < 0 ? head : name.slice(0, start)) + value + rest);
    });
  }
  return open;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function expandRange(range: string): readonly string[] | string {
  const [from = '', to = '', step = '1', ...more] = range.split(':');
  const isStep = /^\d{1,9}$/.test(step) && Number(step) > 0;
  if (to === '' || more.length > 0 || !isStep) {
    return `[${range}] is not a range such as [01:20], [1:9:2] or [a:f]`;
  }
  const first = from === '' ? '0' : from;
  const isPadded = first.length > 1 && first.startsWith('0');
  if (isPadded && first.length !== to.length) return `the bounds of [${range}] differ in width`;
  const isLetter = /^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(to);
  const bounds = [first, to].map((each) => (isLetter ? LETTERS.indexOf(each) : numberOf(each)));
  const [low = Number.NaN, high = Number.NaN] = bounds;
  if (Number.isNaN(low + high)) return `[${range}] is not a range such as [01:20] or [a:f]`;
  if (high < low) return `[${range}] goes down; a range goes up`;
  const count = Math.floor((high - low) / Number(step)) + 1;
  if (count > MAX_HOSTS) return tooMany(`[${range}]`);
  const values = Array.from({ length: count }, (_, index) => low + index * Number(step));
  if (isLetter) return values.map((value) => LETTERS.charAt(value));
  return values.map((value) => String(value).padStart(isPadded ? first.length : 0, '0'));
}

const numberOf = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);

const tooMany = (pattern: string): string => `${pattern} expands to more than ${MAX_HOSTS} hosts`;
