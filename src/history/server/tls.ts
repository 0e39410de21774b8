import { readFileSync } from 'node:fs';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import type { ServerTls } from '../../model/history/history-url.js';

/** What Node needs for TLS that checks the certificate of the server, and its name. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion: 'TLSv1.2';
  readonly rejectUnauthorized: true;
}

/** Reads the files of a connection with TLS. Throws `history_unavailable`. */
export function tlsOptions({ ca, cert, key }: ServerTls): TlsOptions {
  return {
    ...(ca === null ? {} : { ca: read(ca) }),
    ...(cert === null || key === null ? {} : { cert: read(cert), key: read(key) }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `the history needs ${file}, which cannot be read: ${reasonOf(cause)}`;
    throw new FleetError('history_unavailable', message, {
      cause,
      hint: 'Check ca, cert and key in the URL of the history.',
    });
  }
}
