import { Writable } from 'node:stream';
import { printableLine } from '../../errors/printable.js';
import type { ChannelListener, CommandChannel } from '../channel/command-channel.js';
import { type PacketReader, string, uint32 } from '../packet.js';
import { MESSAGE } from './message.js';
import type { MuxLink } from './mux.js';

/** One confirmed channel and its input. */
export interface SessionChannel extends CommandChannel {
  /** A message to this channel, without the number; true once both sides have closed it. */
  hear(type: number, reader: PacketReader): boolean;
}

export interface Confirmation {
  readonly remoteId: number;
  readonly window: number;
  readonly maxPacket: number;
}

/** The window of each side, as in OpenSSH. */
export const WINDOW_BYTES = 2 * 1024 * 1024;

export function createSessionChannel(link: MuxLink, confirmed: Confirmation): SessionChannel {
  const send = (type: number, ...fields: Uint8Array[]) => {
    if (!channel.closeSent) link.send(type, uint32(confirmed.remoteId), ...fields);
  };
  const sender = createSender(send, confirmed);
  const channel: Channel = {
    send,
    sender,
    listener: null,
    closeSent: false,
    closeHeard: false,
    consumed: 0,
  };
  return {
    stdin: sender.stdin,
    listen(heard) {
      channel.listener = heard;
    },
    close: () => close(channel),
    hear(type, reader) {
      hear(channel, type, reader);
      return channel.closeSent && channel.closeHeard;
    },
  };
}

interface Channel {
  readonly send: (type: number, ...fields: Uint8Array[]) => void;
  readonly sender: Sender;
  listener: ChannelListener | null;
  closeSent: boolean;
  closeHeard: boolean;
  /** Bytes read since the window was last extended. */
  consumed: number;
}

function hear(channel: Channel, type: number, reader: PacketReader): void {
  const listener = channel.closeSent ? null : channel.listener;
  switch (type) {
    case MESSAGE.windowAdjust:
      return channel.sender.widen(reader.uint32());
    case MESSAGE.data: {
      const chunk = reader.string();
      listener?.stdout(chunk);
      return consume(channel, chunk.length);
    }
    case MESSAGE.extendedData: {
      const isStderr = reader.uint32() === STDERR;
      const chunk = reader.string();
      if (isStderr) listener?.stderr(chunk);
      return consume(channel, chunk.length);
    }
    case MESSAGE.request:
      if (listener !== null) hearExit(reader, listener);
      return;
    case MESSAGE.failure:
      return listener?.failed('the server refuses to run commands');
    case MESSAGE.close:
      channel.closeHeard = true;
      close(channel);
      channel.listener?.closed();
  }
}

/** Everything is read at once; the window only keeps one channel from flooding the others. */
function consume(channel: Channel, bytes: number): void {
  channel.consumed += bytes;
  if (channel.consumed < WINDOW_BYTES / 2) return;
  channel.send(MESSAGE.windowAdjust, uint32(channel.consumed));
  channel.consumed = 0;
}

function close(channel: Channel): void {
  if (channel.closeSent) return;
  channel.send(MESSAGE.close);
  channel.closeSent = true;
  channel.sender.stop();
}

function hearExit(reader: PacketReader, listener: ChannelListener): void {
  const request = reader.text();
  reader.byte();
  if (request === 'exit-status') listener.exit({ code: reader.uint32(), signal: undefined });
  if (request === 'exit-signal') {
    listener.exit({ code: null, signal: `SIG${printableLine(reader.text())}` });
  }
}

interface Sender {
  readonly stdin: Writable;
  widen(bytes: number): void;
  /** Drops what was not sent yet. */
  stop(): void;
}

/** Sends no more than the server's window allows; the rest waits for it. */
function createSender(
  send: (type: number, ...fields: Uint8Array[]) => void,
  { window, maxPacket }: Confirmation,
): Sender {
  const most = Math.max(1, Math.min(maxPacket, MAX_PIECE_BYTES));
  let room = window;
  let stopped = false;
  let pending: { bytes: Buffer; readonly done: () => void } | null = null;

  const pump = () => {
    while (pending !== null && (stopped || pending.bytes.length === 0 || room > 0)) {
      const { bytes, done } = pending;
      if (stopped || bytes.length === 0) {
        pending = null;
        done();
        continue;
      }
      const piece = bytes.subarray(0, Math.min(room, most));
      room -= piece.length;
      pending = { bytes: bytes.subarray(piece.length), done };
      send(MESSAGE.data, string(piece));
    }
  };
  const stdin = new Writable({
    write(bytes: Buffer, _encoding, done) {
      pending = { bytes, done };
      pump();
    },
    final(done) {
      send(MESSAGE.eof);
      done();
    },
  });

  return {
    stdin,
    widen(bytes) {
      room += bytes;
      pump();
    },
    stop() {
      stopped = true;
      pump();
    },
  };
}

/** The size that every server must accept (RFC 4253, section 6.1). */
const MAX_PIECE_BYTES = 32 * 1024;

/** `SSH_EXTENDED_DATA_STDERR` */
const STDERR = 1;
