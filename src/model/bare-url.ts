/** What stands for a part of a URL that is kept nowhere. */
const CUT = '***';

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^?#]*)(\?[^#]*)?(#.*)?$/is;

/**
 * A URL without what may be a secret: its user part, query and fragment are replaced by asterisks.
 * What is no URL comes back as it is.
 */
export function bareUrl(text: string): string {
  const [, scheme, user, place, query, fragment] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) return text;
  const cut = (part: string | undefined, shown: string): string =>
    part === undefined ? '' : shown;
  return `${scheme}${cut(user, `${CUT}@`)}${place}${cut(query, `?${CUT}`)}${cut(fragment, `#${CUT}`)}`;
}

/** Whether something was cut off by {@link bareUrl}. */
export function isBare(url: string): boolean {
  return /^[^/]*\/\/[*]{3}@|[?#][*]{3}/.test(url);
}

const IN_TEXT = /([a-z][a-z0-9+.-]*:\/\/)([^\s"'/?#]*@)?([^\s"'?#]*)(\?[^\s"'#]*)?/gi;

/** A line of a file as it may be shown, of the same length: what {@link bareUrl} cuts is starred. */
export function maskUrls(line: string): string {
  return line.replace(IN_TEXT, (_, scheme: string, user = '', place = '', query = '') =>
    [scheme, user.replace(/[^@]|@(?=.)/g, '*'), place, query.replace(/[^?]/g, '*')].join(''),
  );
}
