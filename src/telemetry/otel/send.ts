import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../errors/reason.js';
import type { OtelSettings } from './settings.js';

/** What the protocol lets a sender try again. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_WAIT_MS = 100;

/** Sends one request, again while the collector asks for that and the signal allows it. Returns why it was not taken; null if it was. */
export async function sendSpans(
  body: string,
  { url, headers, timeoutMs }: Pick<OtelSettings, 'url' | 'headers' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<string | null> {
  let why: string | null = null;
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait *= 2) {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await post(body, { url, headers }, within);
    if (answer.why === null || !answer.isPassing) return answer.why;
    why = answer.why;
    await sleep(Math.max(wait, answer.afterMs), undefined, { signal }).catch(() => undefined);
  }
  return why ?? 'it did not answer in time';
}

interface Answer {
  readonly why: string | null;
  readonly isPassing: boolean;
  readonly afterMs: number;
}

async function post(
  body: string,
  { url, headers }: Pick<OtelSettings, 'url' | 'headers'>,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal,
    });
    await answer.body?.cancel();
    const { status, ok } = answer;
    const seconds = Number(answer.headers.get('retry-after') ?? 0);
    const afterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
    const why = ok ? null : `it answered ${status}`;
    return { why, isPassing: PASSING.has(status), afterMs };
  } catch (error) {
    return { why: networkReason(error), isPassing: !signal.aborted, afterMs: 0 };
  }
}

/** The message of fetch may have the URL and headers; its cause has a code. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return 'it did not answer in time';
  }
  const { cause } = error;
  if (!(cause instanceof Error)) return 'the request was not sent: check the URL and the headers';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : reasonOf(cause);
}
