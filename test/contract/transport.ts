import { describe } from 'vitest';
import { commandContract } from './transport-commands.js';
import { connectContract } from './transport-connect.js';
import { conversationContract } from './transport-conversation.js';
import type { TransportSubject } from './transport-subject.js';

/** What every transport must do, whatever client it is built on and whatever server it reaches. */
export function transportContract(name: string, subject: TransportSubject): void {
  describe(name, () => {
    connectContract(subject);
    commandContract(subject);
    conversationContract(subject);
  });
}
