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
export async function post(
  { url, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<Posted> {
  const limit = AbortSignal.timeout(LONGEST_ANSWER_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      // What is unpacked may be far longer than what was sent; and no connection is left behind.
      headers: { ...headers, 'accept-encoding': 'identity', connection: 'close' },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    const answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await beginningOf(response),
    };
    return { kind: 'answered', answer };
  } catch (error) {
    if (limit.aborted) return { kind: 'lost', why: `no answer in ${LONGEST_ANSWER_MS / 1000} s` };
    return { kind: 'lost', why: signal.aborted ? 'fleet ended meanwhile' : failureOf(error) };
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length >= MOST_OF_A_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_OF_A_BODY).toString('utf8');
}

/** The reason of the system: fetch itself only says that it failed. */
function failureOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const [first] = cause instanceof AggregateError ? cause.errors : [cause];
  return printableLine(reasonOf(first ?? error));
}
