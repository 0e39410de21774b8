import { printableLine } from '../../errors/printable.js';
import type { CommandChannel, OpenChannel } from '../channel/command-channel.js';
import { type PacketReader, readPacket, string, uint32 } from '../packet.js';
import { createSessionChannel, type SessionChannel, WINDOW_BYTES } from './channel.js';
import { MESSAGE } from './message.js';
import type { MuxLink } from './mux.js';

/** The commands that run over one link. */
export interface SessionChannels {
  readonly open: OpenChannel;
  message(type: number, body: Buffer): void;
}

interface Asked {
  readonly command: string;
  readonly opened: (channel: CommandChannel | Error) => void;
  readonly again: boolean;
}

/** Channel numbers are never reused: a late message cannot be taken for another channel's. */
export function createSessionChannels(link: MuxLink): SessionChannels {
  const opening = new Map<number, Asked>();
  const channels = new Map<number, SessionChannel>();
  let count = 0;

  function ask(asked: Asked): void {
    const id = count;
    count += 1;
    opening.set(id, asked);
    const limits = [uint32(WINDOW_BYTES), uint32(MAX_PACKET_BYTES)];
    link.send(MESSAGE.open, string('session'), uint32(id), ...limits);
  }

  function confirm(id: number, { command, opened }: Asked, reader: PacketReader): void {
    const [remoteId, window, maxPacket] = [reader.uint32(), reader.uint32(), reader.uint32()];
    const channel = createSessionChannel(link, { remoteId, window, maxPacket });
    channels.set(id, channel);
    const wantReply = Uint8Array.of(1);
    link.send(MESSAGE.request, uint32(remoteId), string('exec'), wantReply, string(command));
    // Without waiting for the answer: the server reads stdin after the command in any case.
    opened(channel);
  }

  /**
   * A server with a limit of one session may get the next command before it has closed the last session, if both
   * messages arrive at once; a second try succeeds.
   */
  function refuse(asked: Asked, reader: PacketReader): void {
    if (!asked.again && channels.size === 0) return ask({ ...asked, again: true });
    reader.uint32();
    asked.opened(new Error(`the server opens no channel: ${printableLine(reader.text())}`));
  }

  return {
    open: (command, opened) => ask({ command, opened, again: false }),
    message(type, body) {
      const reader = readPacket(body);
      const id = reader.uint32();
      const asked = opening.get(id);
      opening.delete(id);
      if (asked !== undefined && type === MESSAGE.openConfirmation) confirm(id, asked, reader);
      else if (asked !== undefined && type === MESSAGE.openFailure) refuse(asked, reader);
      else if (channels.get(id)?.hear(type, reader) === true) channels.delete(id);
    },
  };
}

const MAX_PACKET_BYTES = 32 * 1024;
