import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { LoopShare } from '../../async/loop-share.js';
import { createByteBuffer } from '../channel/byte-buffer.js';
import { parserOf } from './internals.js';

export interface GuardedParseOptions {
  readonly client: Client;
  readonly socket: Duplex;
  /** Of all handshakes together. */
  readonly share: LoopShare;
}

/**
 * Limits what a server can make ssh2 do before the login: how many bytes it may send, and how long the work
 * of all handshakes (mostly crypto) may block the event loop. Call it when the client connects; call what it
 * returns at the login.
 */
export function guardParse({ client, socket, share }: GuardedParseOptions): () => void {
  const parser = parserOf(client);
  if (parser === null) return () => {};
  const parse = parser.parse.bind(parser);
  const gather = createGathering();
  let heard = 0;

  function guarded(chunk: Buffer): void {
    heard += chunk.length;
    if (heard > MOST_BYTES) {
      throw new Error(`it sent more than ${MOST_BYTES / 1024} KiB before the login`);
    }
    const bytes = gather(chunk);
    if (bytes === null || share.now(() => parse(bytes, 0, bytes.length))) return;
    // Nothing more arrives, not even the end, before this is done.
    socket.pause();
    share.later(() => {
      // A client that failed has put something else there.
      if (parser?.parse === guarded) parseLate(bytes);
      socket.resume();
    });
  }

  /** As ssh2 does it. */
  function parseLate(bytes: Buffer): void {
    try {
      parse(bytes, 0, bytes.length);
    } catch (error) {
      client.emit('error', error instanceof Error ? error : new Error(String(error)));
      socket.end();
    }
  }

  parser.parse = guarded;
  return () => {
    if (parser.parse === guarded) parser.parse = parse;
  };
}

/**
 * Holds back the bytes before the end of the line in which the server names itself: if that line arrives in
 * more than two pieces, ssh2 loses one.
 */
function createGathering(): (chunk: Buffer) => Buffer | null {
  const held = createByteBuffer();
  let line = 0;
  let named = false;
  return (chunk) => {
    if (named) return chunk;
    let from = held.length;
    held.append(chunk);
    const bytes = held.view();
    for (let end = bytes.indexOf(LF, from); end !== -1; end = bytes.indexOf(LF, from)) {
      named = bytes.toString('latin1', line, line + 4) === 'SSH-';
      if (named) return bytes;
      line = end + 1;
      from = line;
    }
    return null;
  };
}

const LF = 0x0a;

/** OpenSSH sends some 5 KB, and a banner. */
const MOST_BYTES = 256 * 1024;
