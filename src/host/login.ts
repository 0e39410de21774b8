import { isPlainLogin } from '../model/login.js';
import type { HostClient } from './client.js';
import type { Step } from './protocol.js';
import { VERB_TRAITS } from './verb-traits.js';

/**
 * The client, telling the host by which name the inventory knows its login: sudoers lines and units are
 * composed here with that name, so the host has to use the same. A name that is no plain word is
 * left out, and the host goes by the number of its user.
 */
export function withLogin(client: HostClient, user: string): HostClient {
  if (!isPlainLogin(user)) return client;
  const named = (step: Step): Step =>
    VERB_TRAITS[step.verb].namesLogin ? { ...step, args: [...step.args, ['login', user]] } : step;
  return { run: (steps, options) => client.run(steps.map(named), options) };
}
