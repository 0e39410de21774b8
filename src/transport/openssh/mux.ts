import { connect, type Socket } from 'node:net';
import { reasonOf } from '../../errors/reason.js';
import { readPacket, splitPackets, string, uint32 } from '../packet.js';

/** Sends SSH connection messages (RFC 4254) to the server through a control master. */
export interface MuxLink {
  readonly socket: Socket;
  send(type: number, ...fields: readonly Uint8Array[]): void;
}

export interface MuxListener {
  /** Hears each message without its type; an error that it throws ends the link. */
  message(type: number, body: Buffer): void;
  /** The socket has closed; called once, after the last message. */
  closed(why: string | null): void;
}

/**
 * Connects to a control master and puts the socket in proxy mode (OpenSSH's PROTOCOL.mux, section 9). From then
 * on it carries SSH connection messages in clear text, with the channel numbers translated. Rejects if no one
 * listens or the protocol is another.
 */
export function openMux<Listener extends MuxListener>(
  path: string,
  listen: (link: MuxLink) => Listener,
  signal: AbortSignal,
): Promise<{ readonly socket: Socket; readonly listener: Listener }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const greeting = createGreeting();
    let listener: Listener | null = null;
    let why: string | null = null;
    const give = () => socket.destroy();
    const link: MuxLink = {
      socket,
      send: (type, ...fields) => void socket.write(proxied(type, fields)),
    };
    const split = splitPackets((packet) => {
      if (listener !== null) listener.message(packet.readUInt8(1), packet.subarray(2));
      else if (greeting.isOver(packet)) {
        signal.removeEventListener('abort', give);
        listener = listen(link);
        resolve({ socket, listener });
      }
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        split(chunk);
      } catch (error) {
        why = reasonOf(error);
        socket.destroy();
      }
    });
    socket.on('error', (error) => {
      why ??= error.message;
    });
    socket.on('close', () => {
      if (listener === null) reject(new Error(why ?? 'the control master hung up'));
      else listener.closed(why);
    });
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
    socket.write(greeting.request);
  });
}

interface Greeting {
  readonly request: Buffer;
  /** True at the packet after which the connection messages begin. */
  isOver(packet: Buffer): boolean;
}

function createGreeting(): Greeting {
  return {
    request: Buffer.concat([
      string(Buffer.concat([uint32(MUX.hello), uint32(MUX_VERSION)])),
      string(Buffer.concat([uint32(MUX.askProxy), uint32(0)])),
    ]),
    isOver(packet) {
      const reader = readPacket(packet);
      const type = reader.uint32();
      const next = reader.uint32();
      if (type === MUX.proxy) return true;
      if (type !== MUX.hello) throw new Error('the control master refuses the proxy mode');
      if (next !== MUX_VERSION) throw new Error(`the control master speaks version ${next}`);
      return false;
    },
  };
}

/** No padding, as nothing is encrypted. */
function proxied(type: number, fields: readonly Uint8Array[]): Buffer {
  return string(Buffer.concat([Uint8Array.of(0, type), ...fields]));
}

const MUX_VERSION = 4;
const MUX = { hello: 0x00000001, askProxy: 0x1000000f, proxy: 0x8000000f } as const;
