import type { RenderContext } from '../channel.js';
import { type Letter, lastOf } from '../notice.js';
import { messageOf } from '../text/message.js';
import { plainParts, plainText } from '../text/plain-parts.js';

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
    text: `${plainText(plainParts(message))}\n`,
    messageId: idAt(id),
    thread: idAt(`${lastOf(letter).run}.run`),
  };
}
