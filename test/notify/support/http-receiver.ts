import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the receiver does with a request; `got` has all so far, this one included. */
export type Answer = (response: ServerResponse, got: readonly Got[]) => void;

/** A real HTTP receiver on a free port of this machine, which keeps what it gets. */
export async function httpReceiver(answer: Answer = (response) => void response.end('ok')) {
  const got: Got[] = [];
  const arrivals = new Set<() => void>();
  const behaviour = { answer };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers } = request;
      got.push({ path: url, headers, body: Buffer.concat(chunks).toString() });
      for (const arrived of arrivals) arrived();
      behaviour.answer(response, got);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    answer: (next: Answer) => {
      behaviour.answer = next;
    },
    /** Resolves when so many requests have come. */
    async arrived(count: number): Promise<void> {
      while (got.length < count) {
        await new Promise<void>((resolve) => {
          const arrived = (): void => {
            arrivals.delete(arrived);
            resolve();
          };
          arrivals.add(arrived);
        });
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end();
