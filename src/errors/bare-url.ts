/** Replaces a part of a URL that is never stored. */
const CUT = '***';

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^?#]*)(\?[^#]*)?(#.*)?$/is;

/**
 * A URL without possible secrets: its user part, query and fragment are replaced by asterisks. A text that is no URL is
 * returned as it is.
 */
export function bareUrl(text: string): string {
  const [, scheme, user, place, query, fragment] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) return text;
  const cut = (part: string | undefined, shown: string): string =>
    part === undefined ? '' : shown;
  return `${scheme}${cut(user, `${CUT}@`)}${place}${cut(query, `?${CUT}`)}${cut(fragment, `#${CUT}`)}`;
}

/** Whether {@link bareUrl} removed something. */
export function isBare(url: string): boolean {
  return /^[^/]*\/\/[*]{3}@|[?#][*]{3}/.test(url);
}

const IN_TEXT = /([a-z][a-z0-9+.-]*:\/\/)([^\s"'/?#]*@)?([^\s"'?#]*)(\?[^\s"'#]*)?/gi;

/** A line of a file for showing, of the same length: what {@link bareUrl} removes is starred. */
export function maskUrls(line: string): string {
  return line.replace(IN_TEXT, (_, scheme: string, user = '', place = '', query = '') =>
    [scheme, user.replace(/[^@]|@(?=.)/g, '*'), place, query.replace(/[^?]/g, '*')].join(''),
  );
}
