import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { lookUpAddresses } from '../../async/lookup-name.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { HttpAnswer, HttpRequest } from '../http.js';

export type Posted =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** Whether it was received is not known. */
  | { readonly kind: 'lost'; readonly why: string };

/** As long as a service may take to answer. */
const LONGEST_ANSWER_MS = 15_000;
/** What a service says of a failure is shorter by far; the rest is not read. */
const MOST_OF_A_BODY = 64 * 1024;

/** Sends a request and reads the beginning of its answer. Follows no redirect. Never rejects. */
export async function post(request: HttpRequest, signal: AbortSignal): Promise<Posted> {
  const limit = AbortSignal.timeout(LONGEST_ANSWER_MS);
  try {
    const response = await answerTo(request, AbortSignal.any([signal, limit]));
    const answer = {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: await beginningOf(response),
    };
    return { kind: 'answered', answer };
  } catch (error) {
    if (limit.aborted) return { kind: 'lost', why: `no answer in ${LONGEST_ANSWER_MS / 1000} s` };
    return { kind: 'lost', why: signal.aborted ? 'fleet ended meanwhile' : failureOf(error) };
  }
}

/** Not `fetch`: it asks for names in a thread, and the process could not end before a name server answers. */
function answerTo(
  { url, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      // What is unpacked may be far longer than what was sent; and no connection is left behind.
      headers: {
        ...headers,
        'content-length': Buffer.byteLength(body),
        'accept-encoding': 'identity',
        connection: 'close',
      },
      lookup: lookupUntil(signal),
      signal,
    });
    request.on('response', resolve).on('error', reject).end(body);
  });
}

const lookupUntil =
  (signal: AbortSignal): LookupFunction =>
  (name, { all }, found) => {
    lookUpAddresses(name, signal).then(
      (addresses) => {
        const each = addresses.map((address) => ({ address, family: isIP(address) }));
        if (all === true) found(null, each);
        else found(null, addresses[0], isIP(addresses[0]));
      },
      (error: unknown) => found(error instanceof Error ? error : new Error(reasonOf(error)), ''),
    );
  };

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    // Leaving the loop closes the connection.
    if (length >= MOST_OF_A_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_OF_A_BODY).toString('utf8');
}

/** The reason of the system: several, if each address of a name was tried. */
function failureOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return printableLine(reasonOf(first ?? error));
}
