import type { RenderContext } from '../channel.js';
import { type Letter, lastOf } from '../notice.js';
import { defused } from '../text/defused.js';
import { type Message, messageOf } from '../text/message.js';

/** A mail before it is encoded. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  /** Every mail of a run answers the same one, which is never sent: mail programs show one thread. */
  readonly thread: string;
}

/** The mail of a letter: pure, so that what people get is tested without a server. */
export function mailOf(letter: Letter, { id, language, bastion }: RenderContext): Mail {
  const message = messageOf(letter, language);
  const domain = bastion.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '') || 'fleet';
  const idAt = (name: string): string => `<${name.replace(/[^A-Za-z0-9.+-]/g, '-')}@${domain}>`;
  return {
    subject: message.title,
    text: `${textOf(message).join('\n')}\n`,
    messageId: idAt(id),
    thread: idAt(`${lastOf(letter).run}.run`),
  };
}

/** Mail programs make links of what looks like one, so what hosts and people wrote is defused. */
function textOf({ title, facts, failed, next, colon }: Message): readonly string[] {
  const lines = failed?.lines.map(({ hosts, why }) => `  ${hosts}${colon}${defused(why)}`) ?? [];
  return [
    defused(title),
    '',
    ...facts.map(({ label, value }) => `${label}${colon}${defused(value)}`),
    ...(failed === null ? [] : ['', `${failed.label}${colon.trimEnd()}`, ...lines]),
    ...(failed?.more == null ? [] : [`  ${failed.more}`]),
    ...(next === null ? [] : ['', `${next.label}${colon}${next.command}`]),
  ];
}
