import type { Connection } from '../../transport/port.js';
import type { CallEnd } from './call-end.js';
import { frameCall } from './call-frame.js';
import { type HostSession, openSession, type SessionCall } from './session.js';

/** The one channel to a host for all calls: opened when needed, and again once it has ended. */
export interface CallChannel {
  /**
   * Sends a call. Undefined if it cannot go here: another call is running, an argument has several lines, or the
   * first call would carry a payload.
   */
  call(
    connection: Connection,
    words: readonly string[],
    options: Pick<SessionCall, 'timeoutMs' | 'signal' | 'onLine' | 'payload'>,
  ): Promise<CallEnd> | undefined;
  /** Hangs up unless a call is running. */
  rest(): void;
}

/** The command line that runs the host program as `serve`, with its first call. */
export type ServeCommand = (first: {
  readonly id: number;
  readonly words: readonly string[];
}) => string;

export function createCallChannel(serve: ServeCommand): CallChannel {
  let session: HostSession | undefined;
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
