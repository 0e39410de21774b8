import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { Connection } from './port.js';
import type { ServerOffer } from './server-offer.js';
import { converseOverSsh2 } from './ssh2-conversation.js';
import { execOverSsh2 } from './ssh2-exec.js';

interface LoggedInClient {
  readonly client: Client;
  readonly socket: Duplex;
  readonly server: ServerOffer | null;
}

/** A logged-in ssh2 client as the port wants it. `onEnded` is called once. */
export function createSsh2Connection(
  { client, socket, server }: LoggedInClient,
  onEnded: (message: string) => void,
): Connection {
  const waiting = new Set<(message: string) => void>();
  let open = true;
  let reason = 'the connection was lost';

  const end = (message: string) => {
    if (!open) return;
    open = false;
    reason = message;
    // The last packet may hold a command's end and the server's goodbye: first the former is heard.
    setImmediate(() => {
      socket.destroy();
      for (const listener of waiting) listener(message);
      waiting.clear();
      onEnded(message);
    });
  };
  client.on('error', (error) => end(`the connection was lost: ${error.message}`));
  client.on('end', () => end('the server ended the connection'));
  client.on('close', () => end('the connection was lost'));

  const onLost = (listener: (message: string) => void, until: AbortSignal) => {
    if (!open) return listener(reason);
    waiting.add(listener);
    until.addEventListener('abort', () => waiting.delete(listener));
  };

  const lost = () => (open ? null : reason);

  return {
    server,
    exec: (command, options) => execOverSsh2({ client, socket, command, options, onLost, lost }),
    converse: (command, listener) => converseOverSsh2({ client, command, listener, onLost, lost }),
    get open() {
      return open;
    },
    close() {
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once('close', () => resolve());
        // The goodbye is written before the socket is closed; an answer is not waited for.
        client.end();
        end('the connection was closed');
      });
    },
  };
}
