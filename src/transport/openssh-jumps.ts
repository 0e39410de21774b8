import type { HostFailure } from '../errors/host-failure.js';
import type { Endpoint } from '../model/host.js';
import { INTERRUPTED } from './connect-failure.js';
import { jumpKey } from './jump-key.js';
import type { Login } from './openssh-login.js';

/** The jump hosts of one command: one connection to each, shared by the hosts behind it. */
export interface OpensshJumps {
  /** The master of a jump host; its failure says that it is the jump host's. */
  through(jump: Endpoint, signal: AbortSignal): Promise<Login>;
  /** Ends them all; to be called when nobody goes through them any more. */
  close(): Promise<void>;
}

export function createOpensshJumps(logIn: (jump: Endpoint) => Promise<Login>): OpensshJumps {
  const ways = new Map<string, Promise<Login>>();

  /** A failed way is tried anew by those who come later, and one that was lost is made anew. */
  function open(jump: Endpoint, key: string): Promise<Login> {
    const way = logIn(jump);
    ways.set(key, way);
    const drop = () => {
      if (ways.get(key) === way) ways.delete(key);
    };
    way.then((end) => (end.kind === 'failed' ? drop() : void end.master.exited.then(drop)), drop);
    return way;
  }

  return {
    async through(jump, signal) {
      const key = jumpKey(jump);
      const way = await orInterrupted(ways.get(key) ?? open(jump, key), signal);
      if (way.kind === 'ready' || way.failure.code === 'interrupted') return way;
      return { kind: 'failed', failure: ofJump(jump, way.failure) };
    },
    async close() {
      const ended = await Promise.allSettled(ways.values());
      // Those behind are ended before those that they are reached through: a way is known only then.
      for (const end of ended.reverse()) {
        if (end.status === 'fulfilled' && end.value.kind === 'ready') await end.value.master.end();
      }
    },
  };
}

function ofJump({ name }: Endpoint, failure: HostFailure): HostFailure {
  const named = failure.message.startsWith('jump host ');
  return named ? failure : { ...failure, message: `jump host ${name}: ${failure.message}` };
}

function orInterrupted(way: Promise<Login>, signal: AbortSignal): Promise<Login> {
  return new Promise((resolve, reject) => {
    const interrupt = () => resolve({ kind: 'failed', failure: INTERRUPTED });
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    way.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });
}
