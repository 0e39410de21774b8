/** Names of environment variables whose values are secrets. */
const SECRET_NAME =
  /(^|_)(PASS(WORD|WD|PHRASE)?|PW|SECRETS?|TOKEN|API_?KEY|(PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY|CREDENTIALS?)(_|$)/i;

/** What of an environment is secret: values with such a name, and the passwords of URLs. A path is not. */
export function secretsOfEnv(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (SECRET_NAME.test(name) && !value.startsWith('/')) return [value, ...secretsOfUrl(value)];
    if (name.startsWith('OTEL_EXPORTER_OTLP_') && name.endsWith('HEADERS')) {
      return value.split(',').map((pair) => decoded(pair.slice(pair.indexOf('=') + 1)));
    }
    return passwordOfUrl(value);
  });
}

/** The parts of a URL that may let someone in: its password and its query. */
export function secretsOfUrl(text: string): readonly string[] {
  const url = text.trim();
  if (!url.includes('://') || !URL.canParse(url)) return passwordOfUrl(url);
  const { searchParams, search, hash } = new URL(url);
  return [...passwordOfUrl(url), ...searchParams.values(), search.slice(1), hash.slice(1)];
}

/** Long words of the path of a URL: in the URL of a webhook, they are its secret. */
export function wordsOfPath(text: string): readonly string[] {
  const url = text.trim();
  if (!url.includes('://') || !URL.canParse(url)) return [];
  const words = new URL(url).pathname.split('/').filter((word) => word.length >= LONG_WORD);
  return words.flatMap((word) => [word, decoded(word)]);
}

/** Names of pages are shorter; tokens of webhooks are longer. */
const LONG_WORD = 16;

/** Also of a URL whose password is not escaped: then all up to the last `@` counts. */
function passwordOfUrl(text: string): readonly string[] {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@]*:(.*)@[^@]*$/is.exec(text.trim()) ?? [];
  return password === undefined ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
