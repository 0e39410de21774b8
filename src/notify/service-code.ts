import * as z from 'zod';
import { printableLine } from '../errors/printable.js';
import type { Verdict } from './channel.js';
import { type HttpAnswer, judgeStatus } from './http.js';

/** A service that speaks by a code in the body, whatever the status is: an error comes with HTTP 200 too. */
export interface ServiceCodes {
  readonly code: string;
  /** Where its words are. */
  readonly text: string;
  /** Too many letters: it takes nothing for a while. */
  readonly tooMany: readonly number[];
  /** Busy, or out of order: another try may do. */
  readonly busy: readonly number[];
  /** What a code means for whoever made the robot; any other code is for good too. */
  readonly means: Readonly<Record<number, string>>;
}

/** What an answer means: 0 is sent; a text is only shown, never judged. */
export function judgeCode(answer: HttpAnswer, service: ServiceCodes): Verdict {
  const byStatus = judgeStatus(answer);
  const fields = fieldsIn(answer.body);
  const code = z.number().safeParse(fields[service.code]).data;
  if (code === undefined) {
    if (byStatus.kind !== 'sent') return byStatus;
    return {
      kind: 'retry',
      afterMs: null,
      why: `it answered ${answer.status} and no JSON of its own`,
    };
  }
  if (code === 0 && byStatus.kind === 'sent') return byStatus;
  const said = printableLine(z.string().safeParse(fields[service.text]).data ?? '');
  const words = service.means[code] ?? said.slice(0, LONGEST_TEXT);
  const why = `it answered ${code}${words === '' ? '' : `: ${words}`}`;
  if (service.tooMany.includes(code)) return { kind: 'retry', afterMs: null, why, isMuted: true };
  if (service.busy.includes(code)) return { kind: 'retry', afterMs: null, why };
  return byStatus.kind === 'retry' ? byStatus : { kind: 'refused', why };
}

const LONGEST_TEXT = 200;

/** The fields of a JSON object; none if a text is something else. */
export function fieldsIn(body: string): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  } catch {
    return {};
  }
}
