import type { Connection } from '../transport/port.js';
import type { CallEnd } from './call-end.js';
import { frameCall } from './call-frame.js';
import { openSession, type Session, type SessionCall } from './session.js';

/** The one channel to a host that serves all calls: opened when needed, and again once it has ended. */
export interface CallChannel {
  /**
   * Sends a call; undefined where that can not be: another is under way, for calls are not to wait
   * for each other here, an argument has several lines, or a payload would be the first to be sent.
   */
  call(
    connection: Connection,
    words: readonly string[],
    options: Pick<SessionCall, 'timeoutMs' | 'signal' | 'onLine' | 'payload'>,
  ): Promise<CallEnd> | undefined;
  /** Hangs up where no call is under way. */
  rest(): void;
}

/** Gives the command line that runs the host program as `serve`, with its first call. */
export type ServeCommand = (first: {
  readonly id: number;
  readonly words: readonly string[];
}) => string;

export function createCallChannel(serve: ServeCommand): CallChannel {
  let session: Session | undefined;
  let calls = 0;
  return {
    call(connection, words, options) {
      if (session?.busy) return undefined;
      calls += 1;
      const id = calls;
      const { payload } = options;
      const frame = frameCall(id, words, payload === undefined ? 'call' : 'send');
      if (frame === null) return undefined;
      if (session?.open && session.connection === connection) {
        return session.call({ ...options, id, frame });
      }
      if (payload !== undefined) return undefined;
      if (options.signal?.aborted) return Promise.resolve({ kind: 'aborted' });
      session?.close();
      session = openSession(connection, serve({ id, words }));
      return session.call({ ...options, id, frame: null });
    },
    rest() {
      if (session?.busy === false) session.close();
    },
  };
}
