import { printableLine } from '../errors/printable.js';
import type { CommandChannel, OpenChannel } from './command-channel.js';
import { createSessionChannel, type SessionChannel, WINDOW_BYTES } from './openssh-channel.js';
import { MESSAGE } from './openssh-message.js';
import type { MuxLink } from './openssh-mux.js';
import { readPacket, string, uint32 } from './openssh-packet.js';

/** The commands that run over one link. */
export interface SessionChannels {
  readonly open: OpenChannel;
  message(type: number, body: Buffer): void;
}

type Opened = (channel: CommandChannel | Error) => void;

/** Channels are numbered on, never anew: a late message can not be taken for another channel's. */
export function createSessionChannels(link: MuxLink): SessionChannels {
  const opening = new Map<number, { readonly command: string; readonly opened: Opened }>();
  const channels = new Map<number, SessionChannel>();
  let count = 0;

  return {
    open(command, opened) {
      const id = count;
      count += 1;
      opening.set(id, { command, opened });
      link.send(
        MESSAGE.open,
        string('session'),
        uint32(id),
        uint32(WINDOW_BYTES),
        uint32(MAX_PACKET_BYTES),
      );
    },
    message(type, body) {
      const reader = readPacket(body);
      const id = reader.uint32();
      const asked = opening.get(id);
      opening.delete(id);
      if (asked !== undefined && type === MESSAGE.openConfirmation) {
        const [remoteId, window, maxPacket] = [reader.uint32(), reader.uint32(), reader.uint32()];
        const channel = createSessionChannel(link, { remoteId, window, maxPacket });
        channels.set(id, channel);
        link.send(
          MESSAGE.request,
          uint32(remoteId),
          string('exec'),
          Uint8Array.of(WANT_REPLY),
          string(asked.command),
        );
        // Without waiting for the answer: the server takes stdin after the command in any case.
        asked.opened(channel);
      } else if (asked !== undefined && type === MESSAGE.openFailure) {
        reader.uint32();
        asked.opened(new Error(`the server opens no channel: ${printableLine(reader.text())}`));
      } else if (channels.get(id)?.hear(type, reader) === true) channels.delete(id);
    },
  };
}

const MAX_PACKET_BYTES = 32 * 1024;
const WANT_REPLY = 1;
