import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { ServerOffer } from '../algorithms/server-offer.js';
import { createConnectionState } from '../channel/connection-state.js';
import { converseOnChannel } from '../channel/conversation.js';
import { execOnChannel } from '../channel/exec.js';
import { watchUnheard } from '../channel/unheard.js';
import type { Connection } from '../port.js';
import { openSsh2Channel } from './channel.js';
import { reusePacketMemory } from './packet-memory.js';

interface LoggedInClient {
  readonly client: Client;
  readonly socket: Duplex;
  readonly server: ServerOffer | null;
}

/** A logged-in ssh2 client as the port defines it. `onEnded` is called once. */
export function createSsh2Connection(
  { client, socket, server }: LoggedInClient,
  onEnded: (message: string) => void,
): Connection {
  const life = createConnectionState();
  const memory = reusePacketMemory(client, socket);
  const openChannel = openSsh2Channel(client, { heard: watchUnheard(socket), memory });

  const end = (message: string) => {
    if (!life.cut(message)) return;
    // The last packet may contain a command's end and the server's disconnect: the command's end comes first.
    setImmediate(() => {
      socket.destroy();
      life.tell();
      onEnded(message);
    });
  };
  client.on('error', (error) => end(`the connection was lost: ${error.message}`));
  client.on('end', () => end('the server ended the connection'));
  client.on('close', () => end('the connection was lost'));

  return {
    server,
    exec: (command, options) => execOnChannel({ openChannel, socket, command, options, life }),
    converse: (command, listener) =>
      converseOnChannel({ openChannel, socket, command, listener, life }),
    get open() {
      return life.open;
    },
    close() {
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once('close', () => resolve());
        // The disconnect is sent before the socket is closed; no answer is awaited.
        client.end();
        end('the connection was closed');
      });
    },
  };
}
