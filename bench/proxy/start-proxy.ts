import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FromProxy, fromProxySchema, type Route, type ToProxy } from './messages.js';
import type { ConnectionCount } from './relay.js';

const PROGRAM = fileURLToPath(new URL('../delay-proxy.ts', import.meta.url));

/** A running proxy. */
export interface DelayProxy {
  /** The connections that ended since the last call; waits for those that are open. */
  counts(): Promise<readonly ConnectionCount[]>;
  close(): Promise<void>;
}

/** Starts a proxy for all routes; resolves when it listens. It ends with this process. */
export async function startProxy(routes: readonly Route[], rttMs: number): Promise<DelayProxy> {
  const child = fork(PROGRAM, { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  await ask(child, { kind: 'listen', routes: [...routes], rttMs });
  return {
    async counts() {
      const answer = await ask(child, { kind: 'drain' });
      return answer.kind === 'drained' ? answer.counts : [];
    },
    async close() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

async function ask(child: ChildProcess, message: ToProxy): Promise<FromProxy> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the delay proxy ended with ${code}`);
  });
  child.send(message);
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal: ended.signal }), exit]);
    return fromProxySchema.parse(answer);
  } finally {
    ended.abort();
    exit.catch(() => undefined);
  }
}
