import { defused } from './defused.js';
import type { Message } from './message.js';

/** A message for a client that reads no markup: what hosts and people wrote is defused. */
export interface PlainParts {
  readonly title: string;
  /** Its facts; what failed; the command to type. Each has one line or more. */
  readonly paragraphs: readonly (readonly string[])[];
}

export function plainParts({ title, facts, failed, next, colon }: Message): PlainParts {
  const lines =
    failed?.lines.map(({ hosts, why }) => `  ${defused(hosts)}${colon}${defused(why)}`) ?? [];
  const more = failed?.more == null ? [] : [`  ${failed.more}`];
  const paragraphs = [
    facts.map(({ label, value }) => `${label}${colon}${defused(value)}`),
    failed === null ? [] : [`${failed.label}${colon.trimEnd()}`, ...lines, ...more],
    next === null ? [] : [`${next.label}${colon}${next.command}`],
  ];
  return { title: defused(title), paragraphs: paragraphs.filter((each) => each.length > 0) };
}

/** The same as one text, with an empty line between its paragraphs. */
export const plainText = ({ title, paragraphs }: PlainParts): string =>
  [title, ...paragraphs.map((lines) => lines.join('\n'))].join('\n\n');
