import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An https server, on loopback unless told, whose certificate is signed by a CA of its own. */
export interface HttpsServer {
  readonly url: string;
  /** The CA's certificate. */
  readonly caFile: string;
  /** What was asked for, `METHOD path range`. */
  readonly asked: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function createHttpsServer(address = '127.0.0.1'): Promise<HttpsServer> {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-https-'));
  makeCertificates(dir, address);
  const file = (name: string) => readFileSync(join(dir, name));
  const asked: string[] = [];
  const served: HttpsServer = {
    url: '',
    caFile: join(dir, 'ca.pem'),
    asked,
    answer: (_, response) => void response.writeHead(404).end(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
  const server: Server = createServer(
    { key: file('server.key'), cert: file('server.pem') },
    (request, response) => {
      const { method, url, headers } = request;
      asked.push(`${method} ${url} ${headers.range ?? 'whole'}`);
      served.answer(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(served, { url: `https://${address}:${port}` });
}

/** Serves content, with ranges, as object stores do. */
export const serving =
  (content: Buffer): HttpsServer['answer'] =>
  ({ headers }, response) => {
    const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    if (start === undefined) {
      response.writeHead(200, { 'content-length': content.length }).end(content);
      return;
    }
    const from = Number(start);
    if (from >= content.length) return void response.writeHead(416).end();
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    const headersOut = { 'content-range': range, 'content-length': content.length - from };
    response.writeHead(206, headersOut).end(content.subarray(from));
  };

function makeCertificates(dir: string, address: string): void {
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem'],
    ...['-days', '2', '-subj', '/CN=test CA'],
  );
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'server.key', '-out', 'server.pem', '-days', '2'],
    ...['-subj', '/CN=localhost', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
    ...['-addext', `subjectAltName=IP:${address}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
  );
}
