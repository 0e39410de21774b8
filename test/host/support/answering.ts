import type { CallEnd } from '../../../src/host/channel/call-end.js';
import type {
  Connection,
  Conversation,
  ConversationEnd,
  ConversationListener,
  ExecOutcome,
} from '../../../src/transport/port.js';

/** A host that answers every call in one way, whichever way it is sent. */
export function answering(end: CallEnd, lines: readonly string[] = []): Connection {
  return {
    open: true,
    async exec(_, { onLine }) {
      for (const line of lines) onLine?.(line);
      return asExecOutcome(end);
    },
    converse: (command, listener) => {
      const conversation = converse(end, lines, listener);
      const first = / serve (\d+) /.exec(command)?.[1];
      queueMicrotask(() => conversation.write(`call ${first}`));
      return conversation;
    },
    async close() {},
  };
}

function asExecOutcome(end: CallEnd): ExecOutcome {
  const stdout = '';
  switch (end.kind) {
    case 'aborted':
      return end;
    default:
      return { ...end, stdout, truncated: false };
  }
}

function converse(
  end: CallEnd,
  lines: readonly string[],
  { onStdout, onStderr }: ConversationListener,
): Conversation {
  let hangUp = (_: ConversationEnd): void => undefined;
  const ended = new Promise<ConversationEnd>((resolve) => {
    hangUp = resolve;
  });
  return {
    ended,
    allow: () => undefined,
    close: () => hangUp({ kind: 'lost', message: 'closed' }),
    send: async () => undefined,
    write(text) {
      const id = text.split(' ')[1];
      for (const line of lines) onStdout(line);
      if (end.kind === 'lost') return hangUp(end);
      if (end.kind !== 'exited' && end.kind !== 'signalled') return;
      for (const line of end.stderr.split('\n')) onStderr(line);
      const exit = end.kind === 'exited' ? end.code : end.signal;
      for (const hear of [onStdout, onStderr]) hear(`|end|${id}|${exit}`);
    },
  };
}
