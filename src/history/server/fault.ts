import { reasonOf } from '../../errors/reason.js';

/**
 * What an error of a driver means. `conflict`: other writers were in the way and nothing was written. `lost`: the
 * connection broke, and no one knows what was written. `down`: no connection came about. `final`: to try again is no use.
 */
export type Fault = 'conflict' | 'lost' | 'down' | 'final';

/** The error code of a driver, of the network or of TLS; empty without one. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : String(error.code ?? '');
}

const DOWN: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED']);

/** Of the network; null if it is another error. */
export function networkFault(error: unknown): Fault | null {
  const code = errorCode(error);
  if (DOWN.has(code)) return 'down';
  return LOST.has(code) ? 'lost' : null;
}

/** Why, in words; the error of several addresses that all refused has none of its own. */
export const whyOf = (error: unknown): string => reasonOf(error) || errorCode(error) || 'no reason';

/** What to do about an error that every server may have. */
export function commonRemedy(error: unknown): string | null {
  const code = errorCode(error);
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return 'Check that the server runs, and its port.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Check the name of the server.';
  if (DOWN.has(code) || LOST.has(code)) return 'Check the network and the firewall on the way.';
  const said = `${code} ${whyOf(error)}`;
  if (/CERT_ALTNAME_INVALID|does not match certificate/.test(said)) {
    return 'Name the server as its certificate does, or give it a certificate for this name.';
  }
  if (/SELF.SIGNED|UNABLE.TO.(VERIFY|GET)|CERT_UNTRUSTED/i.test(said)) {
    return 'Add ?ca=/path/of/the/authority.pem to the URL of the history.';
  }
  if (/CERT_|certificate has expired/.test(said)) return 'Renew the certificate of the server.';
  if (/not support (secure|SSL) connection/i.test(said)) {
    return 'Turn TLS on in the server, or add ?insecure=1 if you trust every machine on the way.';
  }
  return null;
}
