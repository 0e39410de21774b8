import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from './database-server.js';

/** Files of an authority, and of a server that it has signed for the name `localhost`. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** `owner`: the user whose server reads the key. */
export function makeCertificates(owner: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-subj',
    '/CN=authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'key.pem', '-out', 'cert.pem'];
  openssl('req', '-x509', ...fresh, ...name, ...signed);
  chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) {
    const id = (what: string): number => Number(output('id', [what, owner]));
    chownSync(at('key.pem'), id('-u'), id('-g'));
  }
  return { folder, ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') };
}
