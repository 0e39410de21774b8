import { isPlainLogin } from '../model/hosts/login.js';
import type { HostClient } from './client.js';
import type { Step } from './protocol/protocol.js';
import { VERB_TRAITS } from './protocol/verb-traits.js';

/**
 * Tells the host the inventory's name of its login user: sudoers lines and units are composed here with that
 * name, so the host must use the same. A name that is no plain word is left out; the host then uses the uid.
 */
export function withLogin(client: HostClient, user: string): HostClient {
  if (!isPlainLogin(user)) return client;
  const named = (step: Step): Step =>
    VERB_TRAITS[step.verb].namesLogin ? { ...step, args: [...step.args, ['login', user]] } : step;
  return {
    get server() {
      return client.server ?? null;
    },
    run: (steps, options) => client.run(steps.map(named), options),
  };
}
