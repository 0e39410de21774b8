import { createHash } from 'node:crypto';

/** How a line carries its digest: at its end, after all that the digest covers. */
export interface ChainForm {
  /** A line with its digest. */
  seal(body: string, digest: string): string;
  /** The digest of a line and what it covers; null for a line without one. */
  open(line: string): { readonly body: string; readonly digest: string } | null;
}

/** What comes before the first line of a file. */
export const CHAIN_START = '0'.repeat(64);

/**
 * The digest of a line: SHA-256 over the digest of the line before it, a newline, and the line without its own digest.
 * A line that has none is covered by the next one that has.
 */
export const linkOf = (before: string, body: string, encoding: 'utf8' | 'latin1'): string =>
  createHash('sha256').update(`${before}\n`).update(body, encoding).digest('hex');

/** `{…,"chain":"<digest>"}`: a line of a journal. */
export const jsonForm: ChainForm = {
  seal: (body, digest) => `${body.slice(0, -1)},"chain":"${digest}"}`,
  open: (line) => opened(line, /,"chain":"([0-9a-f]{64})"\}$/, '}'),
};

/** `… chain=<digest>`: a line of `deploy.log`. */
export const pairsForm: ChainForm = {
  seal: (body, digest) => `${body} chain=${digest}`,
  open: (line) => opened(line, / chain=([0-9a-f]{64})$/, ''),
};

function opened(line: string, pattern: RegExp, end: string): ReturnType<ChainForm['open']> {
  const found = pattern.exec(line);
  if (found === null) return null;
  const [, digest = ''] = found;
  return { body: `${line.slice(0, found.index)}${end}`, digest };
}
