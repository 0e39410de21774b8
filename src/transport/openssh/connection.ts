import { createLifeline } from '../channel/connection-state.js';
import { converseOnChannel } from '../channel/conversation.js';
import { execOnChannel } from '../channel/exec.js';
import type { Connection } from '../port.js';
import { createSessionChannels } from './channels.js';
import type { OpensshMaster } from './master.js';
import { openMux } from './mux.js';

/**
 * A control master as the port defines it. Rejects if it is gone; the caller then ends the master. `onEnded`
 * is called once.
 */
export async function openOpensshConnection(
  master: OpensshMaster,
  signal: AbortSignal,
  onEnded: (message: string) => void,
): Promise<Connection> {
  const life = createLifeline();

  const closed = async (why: string | null): Promise<void> => {
    if (!life.cut(why ?? 'the connection was lost')) return;
    // ssh reports its end, but closes the socket first.
    await master.end(LAST_WORDS_MS);
    const words = why ?? master.lastWords();
    const message = words === '' ? 'the connection was lost' : `the connection was lost: ${words}`;
    life.tell(message);
    onEnded(message);
  };
  const { socket, listener } = await openMux(
    master.socket,
    (link) => ({ ...createSessionChannels(link), closed: (why) => void closed(why) }),
    signal,
  );
  const openChannel = listener.open;

  return {
    exec: (command, options) => execOnChannel({ openChannel, socket, command, options, life }),
    converse: (command, listener) =>
      converseOnChannel({ openChannel, socket, command, listener, life }),
    get open() {
      return life.open;
    },
    async close() {
      const first = life.cut('the connection was closed');
      socket.destroy();
      if (first) life.tell();
      await master.end();
      if (first) onEnded('the connection was closed');
    },
  };
}

const LAST_WORDS_MS = 1000;
