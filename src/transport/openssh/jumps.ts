import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { jumpKey } from '../connect/jump-key.js';
import { orInterrupted } from '../connect/or-interrupted.js';
import type { OpensshLogin } from './login.js';

/** The jump hosts of one command: one connection to each, shared by the hosts behind it. */
export interface OpensshJumps {
  /** The master of a jump host; its failure names the jump host. */
  through(jump: Endpoint, signal: AbortSignal): Promise<OpensshLogin>;
  /** Ends them all; call it when no host uses them any more. */
  close(): Promise<void>;
}

export function createOpensshJumps(logIn: (jump: Endpoint) => Promise<OpensshLogin>): OpensshJumps {
  const ways = new Map<string, Promise<OpensshLogin>>();

  /** Later callers try a failed or lost connection again. */
  function open(jump: Endpoint, key: string): Promise<OpensshLogin> {
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
      // Those behind come later in the list than those that they are reached through.
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
