import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's aiosmtpd; see smtp_server.py. */
export type SmtpMode = 'plain' | 'starttls' | 'implicit' | 'no-tls' | 'busy' | 'refuse' | 'hang';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly tls: boolean;
  readonly user: string | null;
  readonly text: string;
}

const PYTHON = '/usr/bin/python3';

/** Whether this machine has the server: `apt-get install python3-aiosmtpd`. */
export function hasSmtpServer(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import aiosmtpd'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A certificate of a CA that nothing trusts by default, for `localhost` and 127.0.0.1. */
export function testCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
      .concat(['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'])
      .concat(['-addext', names]),
    { stdio: 'ignore' },
  );
  return { cert, key };
}

/** A real SMTP server on a free port of this machine. */
export async function smtpServer(
  mode: SmtpMode,
  { cert, key }: { readonly cert: string; readonly key: string },
) {
  const script = new URL('./smtp_server.py', import.meta.url).pathname;
  const child = spawn(PYTHON, [script, cert, key, mode], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  const mails: TakenMail[] = [];
  lines.on('line', (line) => mails.push(JSON.parse(line) as TakenMail));
  return {
    port: Number(port),
    mails,
    /** The first mail that it took. */
    async first(): Promise<TakenMail> {
      const [mail] = mails;
      if (mail !== undefined) return mail;
      const [line] = (await once(lines, 'line')) as [string];
      return JSON.parse(line) as TakenMail;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
