import { isPlainLogin } from '../model/login.js';
import type { HostClient } from './client.js';
import type { Step, Verb } from './protocol.js';

/** Verbs that start something as the login user, or ask whether they may. */
const NAMING: ReadonlySet<Verb> = new Set<Verb>(['facts', 'arm', 'revert', 'install_guard']);

/**
 * The client, telling the host by which name the inventory knows its login: sudoers lines and units are
 * composed here with that name, so the host has to use the same. A name that is no plain word is
 * left out, and the host goes by the number of its user.
 */
export function withLogin(client: HostClient, user: string): HostClient {
  if (!isPlainLogin(user)) return client;
  const named = (step: Step): Step =>
    NAMING.has(step.verb) ? { ...step, args: [...step.args, ['login', user]] } : step;
  return {
    get server() {
      return client.server ?? null;
    },
    run: (steps, options) => client.run(steps.map(named), options),
  };
}
