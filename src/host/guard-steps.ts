import type { Service } from '../model/app.js';
import type { Step } from './protocol.js';
import { serviceArgs } from './steps.js';

/** The app whose units a guard goes before. */
interface Guarded {
  readonly name: string;
  readonly service: Service;
}

/** Installs the unit that takes the host back at boot; takes note of one that is there already. */
export function installGuardStep(app: Guarded): Step {
  return { verb: 'install_guard', args: guardArgs(app) };
}

/** Disables and deletes that unit. */
export function removeGuardStep(app: Guarded): Step {
  return { verb: 'remove_guard', args: guardArgs(app) };
}

function guardArgs({ name, service }: Guarded): Step['args'] {
  return [['app', name], ...serviceArgs(service)];
}
